package plugwright

import (
	"net/netip"
	"strings"
)

// maxHostBytes is the most that a pattern or a host name may have; longer hosts match nothing. It is the limit of DNS.
const maxHostBytes = 253

// hostPattern is a glob on host names: "*" stands for any run of characters, dots included, and "?" for one.
//
// Case does not matter, nor does a final dot. An IPv6 address is in brackets, as in a URL. A pattern is about the host
// alone, never about a scheme, user, port or path. The text is in lower case, without final dot.
type hostPattern string

// parseHostPattern compiles a pattern; reason is empty, or says why no host can be meant.
func parseHostPattern(text string) (pattern hostPattern, reason string) {
	if len(text) > maxHostBytes {
		return "", "it is longer than 253 bytes, the most that a host name can have"
	}
	if address, ok := bracketed(text); ok {
		return addressPattern(address)
	}
	return namePattern(text)
}

func namePattern(text string) (pattern hostPattern, reason string) {
	name := strings.TrimSuffix(text, ".")
	switch {
	case name == "":
		return "", "it is empty; write a host name, or `*` for every host"
	case strings.IndexFunc(name, func(r rune) bool { return r > 127 }) >= 0:
		return "", "it is not ASCII; write an international name in its `xn--` form"
	case strings.Contains(name, "/"):
		return "", "it has a scheme or path; write the host name alone"
	case strings.Contains(name, "@"):
		return "", "it has a user; write the host name alone"
	case strings.Contains(name, ":"):
		return "", "it has a port, or is an IPv6 address without brackets; write `example.com` or `[::1]`"
	}
	for i := range len(name) {
		if !isNameByte(name[i]) && !isWildcard(name[i]) {
			return "", "only letters, digits, `-`, `_`, `.`, `*` and `?` are possible"
		}
	}
	return hostPattern(strings.ToLower(name)), ""
}

func addressPattern(text string) (pattern hostPattern, reason string) {
	const notAddress = "brackets hold an IPv6 address, such as `[::1]` or `[fd00:*]`"
	if !strings.ContainsAny(text, "*?") {
		address, ok := parseIPv6(text)
		if !ok {
			return "", notAddress
		}
		return hostPattern(address), ""
	}
	for i := range len(text) {
		if c := text[i]; !isHexDigit(c) && !isWildcard(c) && c != ':' && c != '.' {
			return "", notAddress
		}
	}
	return hostPattern("[" + strings.ToLower(text) + "]"), ""
}

// matches reports whether a host in its one spelling matches. It takes at most pattern length × host length steps.
func (p hostPattern) matches(host string) bool {
	// Only the last star needs another try: whatever follows an earlier one has matched already, at the leftmost place,
	// which leaves the most for the rest.
	at, taken, star, from := 0, 0, -1, 0
	for taken < len(host) {
		switch {
		case at < len(p) && p[at] == '*':
			star, from = at, taken
			at++
		case at < len(p) && (p[at] == '?' || p[at] == host[taken]):
			at++
			taken++
		case star >= 0:
			from++
			at, taken = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(string(p[at:]), "*") == ""
}

// allowedHosts has the hosts that a plug-in may send requests to.
type allowedHosts []hostPattern

// parseAllowedHosts compiles the patterns of a manifest.
func parseAllowedHosts(patterns []string) (allowedHosts, *fieldError) {
	hosts := make(allowedHosts, 0, len(patterns))
	for i, text := range patterns {
		pattern, reason := parseHostPattern(text)
		if reason != "" {
			at := fieldPath{}.key("allowed_hosts").index(i)
			return nil, badField(at, "%s is not a host pattern: %s", quote(text), reason)
		}
		hosts = append(hosts, pattern)
	}
	return hosts, nil
}

// allow reports whether requests to host are allowed. It is what a URL's host is: a name, an IPv4 address, or an IPv6
// address with or without brackets. Anything else (a port, a user, nothing) never is.
func (h allowedHosts) allow(host string) bool {
	host, ok := normaliseHost(host)
	if !ok {
		return false
	}
	for _, pattern := range h {
		if pattern.matches(host) {
			return true
		}
	}
	return false
}

// normaliseHost returns the one spelling of a host that patterns are compared with; ok is false for what is no host.
func normaliseHost(host string) (spelling string, ok bool) {
	if len(host) > maxHostBytes {
		return "", false
	}
	address, isBracketed := bracketed(host)
	if !isBracketed {
		address = host
	}
	if address, ok := parseIPv6(address); ok {
		return address, true
	}
	name := strings.TrimSuffix(host, ".")
	for i := range len(name) {
		if !isNameByte(name[i]) {
			return "", false
		}
	}
	return strings.ToLower(name), name != ""
}

// parseIPv6 returns the address in brackets, in the spelling that the standard recommends. Zones are refused.
func parseIPv6(text string) (address string, ok bool) {
	parsed, err := netip.ParseAddr(text)
	if err != nil || !parsed.Is6() || parsed.Zone() != "" {
		return "", false
	}
	return "[" + parsed.String() + "]", true
}

func bracketed(text string) (inner string, ok bool) {
	inner, opened := strings.CutPrefix(text, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	return inner, opened && closed
}

func isNameByte(c byte) bool { return isAlphanumeric(c) || c == '-' || c == '.' || c == '_' }

func isWildcard(c byte) bool { return c == '*' || c == '?' }

func isHexDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
