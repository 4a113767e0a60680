package conformance

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// World is the surroundings of a case: what its placeholders stand for.
type World struct {
	guests       string
	folder       string
	placeholders *strings.Replacer
}

// textGuest is a path of a guest in text, once its placeholder is filled in.
var textGuest = regexp.MustCompile(`^\{guests\}/(wat/[^/]+\.wat)$`)

// NewWorld makes the world of a case. Guests is the folder of the guests, folder a fresh one for the case's files.
func NewWorld(server *Server, guests, folder string) *World {
	return &World{guests, folder, strings.NewReplacer(
		"{http}", server.URL(), "{http_other}", server.OtherURL(), "{tmp}", folder, "{guests}", guests,
	)}
}

// Guest is the path of a guest's binary.
func (w *World) Guest(name string) string { return filepath.Join(w.guests, built(name)) }

// create writes the files of a case into the temporary folder, with the folders that they lie in.
func (w *World) create(files map[string]string) error {
	for name, content := range files {
		path := filepath.Join(w.folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// fill replaces the placeholders in all texts of a value of JSON, keys included.
func (w *World) fill(value any) any {
	switch value := value.(type) {
	case string:
		if guest := textGuest.FindStringSubmatch(value); guest != nil {
			return w.Guest(guest[1])
		}
		return w.placeholders.Replace(value)
	case []any:
		filled := make([]any, len(value))
		for index, item := range value {
			filled[index] = w.fill(item)
		}
		return filled
	case map[string]any:
		filled := make(map[string]any, len(value))
		for key, item := range value {
			filled[w.placeholders.Replace(key)] = w.fill(item)
		}
		return filled
	}
	return value
}
