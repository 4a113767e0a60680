package remote

import (
	"encoding/json"

	plugwright "github.com/plugwright/plugwright/sdks/go"
)

// Codes of errors that have no code of the guest's own.
const (
	codeHost int32 = -1
	codeTrap int32 = 134
)

// report is an error on the wire.
type report struct {
	Kind         string   `json:"kind"`
	Message      string   `json:"message"`
	Plugin       string   `json:"plugin"`
	Function     string   `json:"function"`
	Code         *int32   `json:"code"`
	Said         string   `json:"said"`
	HostFunction string   `json:"host_function"`
	Nearest      []string `json:"nearest"`
	Missing      []struct {
		Module string `json:"module"`
		Name   string `json:"name"`
		Type   string `json:"type"`
		Hint   string `json:"hint"`
	} `json:"missing"`
	Backtrace []struct {
		Function string `json:"function"`
		File     string `json:"file"`
		Line     int    `json:"line"`
	} `json:"backtrace"`
}

// parseError is the error that a reply brings.
func parseError(data []byte, plugin, function string) *plugwright.Error {
	var sent report
	if err := json.Unmarshal(data, &sent); err != nil || sent.Kind == "" {
		message := "the worker's error is not one of Plugwright; check that nothing else serves this subject"
		return failure(plugwright.KindIncompatible, plugin, function, message, err)
	}
	if sent.Plugin == "" {
		sent.Plugin = plugin
	}
	if sent.Function == "" {
		sent.Function = function
	}
	made := failure(plugwright.Kind(sent.Kind), sent.Plugin, sent.Function, sent.Message, nil)
	made.HostFunction, made.Nearest = sent.HostFunction, sent.Nearest
	switch {
	case sent.Code != nil:
		made.Code = *sent.Code
	case made.Kind == plugwright.KindTrap:
		made.Code = codeTrap
	}
	if made.Kind == plugwright.KindGuest {
		made.Message = sent.Said
	}
	for _, missing := range sent.Missing {
		made.Missing = append(made.Missing, plugwright.MissingImport(missing))
	}
	for _, frame := range sent.Backtrace {
		made.Backtrace = append(made.Backtrace, plugwright.Frame(frame))
	}
	return made
}
