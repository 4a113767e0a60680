package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
)

// Run runs a case that can be expressed, and returns the first thing that is not as expected.
func Run(ctx context.Context, c *Case, world *World, surface Surface) (err error) {
	if err := world.create(c.Files); err != nil {
		return err
	}
	shared := newShared(c.Kv)
	functions := make([]Function, len(c.HostFunctions))
	for index, asked := range c.HostFunctions {
		if functions[index], err = shared.function(asked); err != nil {
			return err
		}
	}
	given, err := source(c, world)
	if err != nil {
		return err
	}
	compiled, failure := surface.Compile(ctx, given, &c.Options, functions)
	if failure == nil {
		defer func() {
			if closing := compiled.Close(ctx); err == nil {
				err = closing
			}
		}()
	}
	if err := checkLoad(c.LoadError, failure); err != nil || failure != nil {
		return err
	}
	return runLive(ctx, c, compiled, shared)
}

// RunRefused loads a guest that uses a feature which the engine has not, and returns an error unless the SDK's names it.
func RunRefused(ctx context.Context, c *Case, world *World, surface Surface) error {
	given, err := source(c, world)
	if err != nil {
		return err
	}
	_, failure := surface.Compile(ctx, given, &c.Options, nil)
	return checkLoad(&ExpectError{Kind: "Compile", MessageContains: []string{MissingFeature(c)}}, failure)
}

// source is what the plug-in is made from.
func source(c *Case, world *World) (Source, error) {
	manifest := c.Manifest
	switch {
	case c.Source != nil:
		return Source{Manifest: []byte(*c.Source)}, nil
	case c.SourceBase64 != nil:
		binary, err := decodeBase64("source_base64", *c.SourceBase64)
		return Source{Binary: binary}, err
	case c.Guest != "":
		manifest = map[string]any{"wasm": []any{map[string]any{"path": world.Guest(c.Guest)}}}
	}
	whole := maps.Clone(manifest)
	maps.Copy(whole, limitsAndGrants(&c.Options))
	text, err := json.Marshal(whole)
	return Source{Manifest: text}, err
}

// runLive runs the steps on each of as many plug-ins as the case wants alive.
func runLive(ctx context.Context, c *Case, compiled Compiled, shared *Shared) (err error) {
	var logs []LogLine
	for index := range c.Live() {
		plugin, failure := compiled.Instance(ctx, func(line LogLine) { logs = append(logs, line) })
		if failure != nil {
			return fmt.Errorf("plug-in %d cannot be made: %s", index, failure)
		}
		defer func() {
			if closing := plugin.Close(ctx); err == nil {
				err = closing
			}
		}()
		for number := range c.Steps {
			step := &c.Steps[number]
			if err := runStep(ctx, step, plugin, shared, &logs); err != nil {
				return fmt.Errorf("plug-in %d, step %d, function `%s`: %w", index, number, step.Function, err)
			}
		}
	}
	return nil
}

func runStep(ctx context.Context, step *Step, plugin Plugin, shared *Shared, logs *[]LogLine) error {
	input, err := step.InputBytes()
	if err != nil {
		return err
	}
	for range step.Times() {
		*logs = nil
		outcome := call(ctx, step.Function, input, plugin, shared)
		outcome.Logs = *logs
		if err := checkStep(step, outcome); err != nil {
			return err
		}
	}
	return nil
}

func call(ctx context.Context, function string, input []byte, plugin Plugin, shared *Shared) *Outcome {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	shared.setCancel(cancel)
	outcome := new(Outcome)
	outcome.Output, outcome.Failure = plugin.Call(ctx, function, input)
	outcome.Stdout, outcome.Stderr = plugin.Streams()
	return outcome
}
