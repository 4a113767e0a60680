package conformance

import (
	"strings"
)

const manifestAndOptions = "a manifest is given as it stands, and has no place for the case's options"

// beyondTheEngine are the guests that use what wazero does not have, with the word for it that an error names.
var beyondTheEngine = map[string]string{
	"wat/imports_memory64.wat": "memory64",
	"wat/snapshot_counter.wat": "multi-memory",
}

// MissingFeature is what the case's guest uses and the engine has not, or "". Such a guest must be refused by an error that names it.
func MissingFeature(c *Case) string { return beyondTheEngine[c.Guest] }

// LeftOut is the reason why an SDK with these abilities cannot express a case, or "".
func LeftOut(c *Case, abilities Abilities) string {
	if feature := MissingFeature(c); feature != "" {
		return "the engine has no " + feature
	}
	for _, ability := range needs(c) {
		if !abilities[ability] {
			return string(ability)
		}
	}
	if isManifest(c) && len(limitsAndGrants(&c.Options)) > 0 {
		return manifestAndOptions
	}
	return ""
}

// needs are the abilities that a case needs.
func needs(c *Case) []Ability {
	var needed []Ability
	need := func(condition bool, ability Ability) {
		if condition {
			needed = append(needed, ability)
		}
	}
	for _, function := range c.HostFunctions {
		need(function.Name == "host_fail", HostErrors)
		need(function.Name == "host_try_fail", ErrorsAsValues)
	}
	need(c.Options.Fuel != nil, Fuel)
	need(c.Options.MaxLogBytes != nil || c.Options.MaxOutputBytes != nil, OtherLimits)
	if c.Source != nil && !isManifest(c) {
		text := strings.HasPrefix(*c.Source, "(") || strings.HasPrefix(*c.Source, ";")
		need(text, Text)
		need(!text, Toml)
	}
	return needed
}

// isManifest says whether the source of a case is a manifest in JSON, be it a broken one.
func isManifest(c *Case) bool {
	return c.Source != nil && strings.HasPrefix(*c.Source, "{")
}

// limitsAndGrants are the options of a case that a manifest expresses, as it does.
func limitsAndGrants(options *Options) map[string]any {
	given := make(map[string]any)
	if len(options.Config) > 0 {
		given["config"] = options.Config
	}
	if len(options.AllowedHosts) > 0 {
		given["allowed_hosts"] = options.AllowedHosts
	}
	if len(options.AllowedPaths) > 0 {
		given["allowed_paths"] = options.AllowedPaths
	}
	if options.TimeoutMs != nil {
		given["timeout_ms"] = *options.TimeoutMs
	}
	memory := make(map[string]any)
	if limit := options.Memory.MaxPages; limit != nil {
		memory["max_pages"] = *limit
	}
	if limit := options.Memory.MaxHTTPResponseBytes; limit != nil {
		memory["max_http_response_bytes"] = *limit
	}
	if limit := options.Memory.MaxVarBytes; limit != nil {
		memory["max_var_bytes"] = *limit
	}
	if len(memory) > 0 {
		given["memory"] = memory
	}
	return given
}
