package plugwright

import (
	"strings"
	"testing"
)

func allows(t *testing.T, pattern, host string) bool {
	t.Helper()
	hosts, err := parseAllowedHosts([]string{pattern})
	if err != nil {
		t.Fatal(err.reason)
	}
	return hosts.allow(host)
}

func TestHostPatterns(t *testing.T) {
	for _, test := range []struct {
		pattern, host string
		expected      bool
	}{
		{"Example.COM", "example.com", true},
		{"example.com", "EXAMPLE.com.", true},
		{"example.com.", "example.com", true},
		{"example.com", "example.com.evil.org", false},
		{"example.com", "evil-example.com", false},
		{"example.com", "exampleXcom", false},
		{"*.example.com", "a.b.example.com", true},
		{"*.example.com", "example.com", false},
		{"*.example.com", "a.example.com.evil.org", false},
		{"a*c*e", "abcde", true},
		{"a**e", "ae", true},
		{"api-?.local", "api-7.local", true},
		{"api-?.local", "api-.local", false},
		{"api-?.local", "api-77.local", false},
		{"*", "anything.at.all", true},
		{"127.0.0.1", "127.0.0.1", true},
		{"127.0.0.1", "2130706433", false},
		{"[0::1]", "[::1]", true},
		{"[0::1]", "::1", true},
		{"[0::1]", "[0:0:0:0:0:0:0:1]", true},
		{"*", "::1", true},
		{"[fd00:*]", "[FD00::7]", true},
		{"[fd00:*]", "[fe80::7]", false},
		{"*", strings.Repeat("a", 253), true},
		{"*", strings.Repeat("a", 254), false},
	} {
		if allows(t, test.pattern, test.host) != test.expected {
			t.Errorf("%s, %s", test.pattern, test.host)
		}
	}
	for _, host := range []string{
		"", ".", "a:80", "user@a", "a/b", "a b", "é", "[::1", "[a]", "[::1]:80", "a%00", "fe80::1%eth0", "[fe80::1%25eth0]",
	} {
		if allows(t, "*", host) {
			t.Error(host)
		}
	}
	if (allowedHosts{}).allow("a") {
		t.Error("no pattern allows a host")
	}
}

func TestBadHostPatternsSayWhy(t *testing.T) {
	for pattern, word := range map[string]string{
		"": "empty", ".": "empty", "https://example.com": "scheme", "example.com/x": "path", "me@example.com": "user",
		"example.com:443": "port", "::1": "brackets", "bücher.example": "xn--", "[a-z].example": "only letters",
		"{a,b}": "only letters", "[zz]": "IPv6", "[zz*]": "IPv6", "[127.0.0.1]": "IPv6", "[::1]:80": "port",
		strings.Repeat("a", 254): "253",
	} {
		_, err := parseAllowedHosts([]string{"a", pattern})
		if err == nil || !strings.Contains(err.reason, word) || err.at.String() != "allowed_hosts[1]" {
			t.Errorf("%s: %v", pattern, err)
		}
	}
}

func TestHostPatternsTakeLittleTime(t *testing.T) {
	// Without the rule of the last star this would take longer than the universe.
	pattern := strings.Repeat("*a", 126)
	if allows(t, pattern, strings.Repeat("a", 252)+"b") {
		t.Error("no match")
	}
}
