package pdk

import "github.com/plugwright/plugwright/pdks/go/contract"

// GetConfig returns the config's value under key, and whether there is one. An empty value counts as none.
func GetConfig(key string) (string, bool) {
	value := take(contract.ConfigGet(AllocateString(key).offset))
	return string(value), len(value) > 0
}
