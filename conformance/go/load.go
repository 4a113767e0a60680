package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
)

// Loaded is a valid case whose placeholders are not filled in yet.
type Loaded struct {
	// Topic is the name of the case's file.
	Topic string
	// Case is the case as it is written.
	Case *Case

	raw map[string]any
}

// Load reads every case of the .json files of a folder, by the files' names.
func Load(folder string) ([]Loaded, error) {
	// Glob sorts.
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s has no cases", folder)
	}
	var cases []Loaded
	names := make(map[string]bool)
	for _, file := range files {
		more, err := loadFile(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
		for _, loaded := range more {
			if names[loaded.Case.Name] {
				return nil, fmt.Errorf("several cases have the name `%s`", loaded.Case.Name)
			}
			names[loaded.Case.Name] = true
		}
		cases = append(cases, more...)
	}
	return cases, nil
}

// Resolve is the case for one run: every placeholder in every text, keys included, has its value of the world.
func (l *Loaded) Resolve(world *World) (*Case, error) {
	data, err := json.Marshal(world.fill(l.raw))
	if err != nil {
		return nil, err
	}
	return ParseCase(data)
}

// Unbuilt is the first file below guests that the case needs and that is not built, or "".
func (l *Loaded) Unbuilt(guests string) string {
	for _, name := range l.Case.guestFiles() {
		path := built(name)
		if _, err := os.Stat(filepath.Join(guests, path)); strings.HasPrefix(path, "build/") && err != nil {
			return path
		}
	}
	return ""
}

// guestFiles are the files below guests that a case names.
func (c *Case) guestFiles() []string {
	if c.Guest != "" {
		return []string{c.Guest}
	}
	var names []string
	modules, _ := c.Manifest["wasm"].([]any)
	for _, module := range modules {
		fields, _ := module.(map[string]any)
		path, _ := fields["path"].(string)
		if name, found := strings.CutPrefix(path, "{guests}/"); found {
			names = append(names, name)
		}
	}
	return names
}

// built is the file of a guest as Go's engine takes it: for a guest in text the binary that `cargo xtask guests` makes.
func built(guest string) string {
	if name, found := strings.CutSuffix(guest, ".wat"); found {
		return "build/" + name + ".wasm"
	}
	return guest
}

func loadFile(path string) ([]Loaded, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var file struct {
		Topic string           `json:"topic"`
		About string           `json:"about"`
		Cases []map[string]any `json:"cases"`
	}
	if err := strict(data, &file); err != nil {
		return nil, err
	}
	if file.Topic+".json" != filepath.Base(path) {
		return nil, errors.New("`topic` must be the file's name")
	}
	var cases []Loaded
	for _, written := range file.Cases {
		for _, raw := range forEachGuest(written) {
			text, err := json.Marshal(raw)
			if err != nil {
				return nil, err
			}
			parsed, err := ParseCase(text)
			if err != nil {
				return nil, fmt.Errorf("case `%v`: %w", raw["name"], err)
			}
			cases = append(cases, Loaded{file.Topic, parsed, raw})
		}
	}
	return cases, nil
}

// forEachGuest makes of a case whose `guest` is a list one for each guest in it, with the guest's name in its own.
func forEachGuest(raw map[string]any) []map[string]any {
	guests, several := raw["guest"].([]any)
	if !several {
		return []map[string]any{raw}
	}
	var cases []map[string]any
	for _, guest := range guests {
		name := fmt.Sprint(guest)
		one := maps.Clone(raw)
		one["guest"] = guest
		one["name"] = fmt.Sprintf("%v (%s)", raw["name"], strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)))
		cases = append(cases, one)
	}
	return cases
}
