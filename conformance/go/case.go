package conformance

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Case is a plug-in, its surroundings, and the calls to make: conformance/README.md describes its fields.
type Case struct {
	Name          string            `json:"name"`
	About         string            `json:"about"`
	Guest         string            `json:"guest"`
	Manifest      map[string]any    `json:"manifest"`
	Source        *string           `json:"source"`
	SourceBase64  *string           `json:"source_base64"`
	Options       Options           `json:"options"`
	HostFunctions []HostFunctionUse `json:"host_functions"`
	Kv            map[string]string `json:"kv"`
	Files         map[string]string `json:"files"`
	LivePlugins   *int              `json:"live_plugins"`
	LoadError     *ExpectError      `json:"load_error"`
	Steps         []Step            `json:"steps"`
}

// Options are limits and grants; what is absent is the host's default.
type Options struct {
	Wasi                bool              `json:"wasi"`
	Config              map[string]string `json:"config"`
	AllowedHosts        []string          `json:"allowed_hosts"`
	AllowedPaths        map[string]string `json:"allowed_paths"`
	Env                 map[string]string `json:"env"`
	Args                []string          `json:"args"`
	Stdin               *string           `json:"stdin"`
	Stdio               string            `json:"stdio"`
	Memory              Memory            `json:"memory"`
	TimeoutMs           *uint64           `json:"timeout_ms"`
	Fuel                *uint64           `json:"fuel"`
	MaxLogBytes         *int64            `json:"max_log_bytes"`
	MaxOutputBytes      *int64            `json:"max_output_bytes"`
	LogLevel            string            `json:"log_level"`
	HTTPResponseHeaders bool              `json:"http_response_headers"`
}

// Memory is the part of a manifest with that name.
type Memory struct {
	MaxPages             *uint32 `json:"max_pages"`
	MaxHTTPResponseBytes *int64  `json:"max_http_response_bytes"`
	MaxVarBytes          *int64  `json:"max_var_bytes"`
}

// HostFunctionUse is a host function as a case asks for it. Without a module the host chooses none.
type HostFunctionUse struct {
	Name   string `json:"name"`
	Module string `json:"module"`
}

// Repeat is one byte many times.
type Repeat struct {
	Byte  byte `json:"byte"`
	Count int  `json:"count"`
}

// Step is one call, or the same one several times.
type Step struct {
	Function     string      `json:"function"`
	Input        *string     `json:"input"`
	InputBase64  *string     `json:"input_base64"`
	InputRepeat  *Repeat     `json:"input_repeat"`
	Repeat       *int        `json:"repeat"`
	Expect       Expect      `json:"expect"`
	ExpectLogs   []ExpectLog `json:"expect_logs"`
	ExpectStdout *string     `json:"expect_stdout"`
	ExpectStderr *string     `json:"expect_stderr"`
}

// Expect is what a call does. At most one exported field is set; none means that it succeeds with any output.
type Expect struct {
	Output         *string         `json:"output"`
	OutputBase64   *string         `json:"output_base64"`
	OutputJSON     json.RawMessage `json:"output_json"`
	OutputContains []string        `json:"output_contains"`
	OutputRepeat   *Repeat         `json:"output_repeat"`
	OutputLength   *int            `json:"output_length"`
	Error          *ExpectError    `json:"error"`

	given bool
}

// ExpectError is how a call or a load fails.
type ExpectError struct {
	Kind            string   `json:"kind"`
	Code            *int32   `json:"code"`
	MessageContains []string `json:"message_contains"`
}

// ExpectLog is a log message.
type ExpectLog struct {
	Level    string `json:"level"`
	Contains string `json:"contains"`
}

var (
	kinds = []string{
		"InvalidManifest", "Load", "HashMismatch", "Compile", "Link", "FunctionNotFound", "Signature", "Guest", "Trap",
		"Contract", "Timeout", "Cancelled", "OutOfFuel", "OutOfMemory", "Exit", "HostFunction", "Http", "Encode", "Decode",
		"Limit",
	}
	levels = []string{"", "trace", "debug", "info", "warn", "error", "off"}
)

// ParseCase reads a case, and refuses what does not follow the format.
func ParseCase(data []byte) (*Case, error) {
	parsed := new(Case)
	if err := strict(data, parsed); err != nil {
		return nil, err
	}
	return parsed, parsed.validate()
}

// Live says how many plug-ins the case keeps alive.
func (c *Case) Live() int { return orOne(c.LivePlugins) }

// Times says how often the call is made.
func (s *Step) Times() int { return orOne(s.Repeat) }

// InputBytes is the call's input.
func (s *Step) InputBytes() ([]byte, error) {
	switch {
	case s.Input != nil:
		return []byte(*s.Input), nil
	case s.InputBase64 != nil:
		return decodeBase64("input_base64", *s.InputBase64)
	case s.InputRepeat != nil:
		return s.InputRepeat.bytes(), nil
	}
	return nil, nil
}

// UnmarshalJSON reads a name, or an object with a name and a module.
func (u *HostFunctionUse) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte(`"`)) {
		return json.Unmarshal(data, &u.Name)
	}
	type plain HostFunctionUse
	return strict(data, (*plain)(u))
}

// UnmarshalJSON reads "any_output", or an object with one member.
func (e *Expect) UnmarshalJSON(data []byte) error {
	e.given = true
	if string(data) == `"any_output"` {
		return nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil || len(members) != 1 {
		return fmt.Errorf("`expect` is %s", data)
	}
	type plain Expect
	return strict(data, (*plain)(e))
}

func (r *Repeat) bytes() []byte { return bytes.Repeat([]byte{r.Byte}, r.Count) }

func (c *Case) validate() error {
	sources := count(c.Guest != "", c.Manifest != nil, c.Source != nil, c.SourceBase64 != nil)
	switch {
	case c.Name == "":
		return errors.New("a case has a name")
	case sources != 1:
		return errors.New("give exactly one of `guest`, `manifest`, `source` and `source_base64`")
	case (c.LoadError == nil) == (len(c.Steps) == 0):
		return errors.New("give either `load_error` or `steps`")
	case c.Live() < 1:
		return errors.New("`live_plugins` must be at least 1")
	case !slices.Contains([]string{"", "closed", "capture"}, c.Options.Stdio):
		return fmt.Errorf("`stdio` is `%s`", c.Options.Stdio)
	}
	if err := checkLevel(c.Options.LogLevel); err != nil {
		return err
	}
	if err := c.LoadError.validate(); err != nil {
		return err
	}
	for index := range c.Steps {
		if err := c.Steps[index].validate(); err != nil {
			return fmt.Errorf("steps[%d]: %w", index, err)
		}
	}
	return nil
}

func (s *Step) validate() error {
	if count(s.Input != nil, s.InputBase64 != nil, s.InputRepeat != nil) > 1 {
		return errors.New("give at most one of `input`, `input_base64` and `input_repeat`")
	}
	if s.Times() < 1 {
		return errors.New("`repeat` must be at least 1")
	}
	if !s.Expect.given {
		return errors.New("`expect` is missing")
	}
	if _, err := s.InputBytes(); err != nil {
		return err
	}
	for _, log := range s.ExpectLogs {
		if err := checkLevel(log.Level); err != nil {
			return err
		}
	}
	return s.Expect.Error.validate()
}

func (e *ExpectError) validate() error {
	if e != nil && !slices.Contains(kinds, e.Kind) {
		return fmt.Errorf("`%s` is not an error kind", e.Kind)
	}
	return nil
}

func checkLevel(level string) error {
	if !slices.Contains(levels, level) {
		return fmt.Errorf("`%s` is not a level", level)
	}
	return nil
}

// strict reads JSON into a value and refuses members that it does not have.
func strict(data []byte, value any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	decoder.UseNumber()
	return decoder.Decode(value)
}

func decodeBase64(name, text string) ([]byte, error) {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("`%s` is not Base64: %w", name, err)
	}
	return data, nil
}

func orOne(number *int) int {
	if number == nil {
		return 1
	}
	return *number
}

func count(conditions ...bool) int {
	number := 0
	for _, condition := range conditions {
		if condition {
			number++
		}
	}
	return number
}
