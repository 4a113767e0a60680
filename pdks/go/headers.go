package pdk

import "github.com/plugwright/plugwright/pdks/go/json"

// appendRequest appends the JSON that describes a request. Written by hand it costs a plug-in much less than by
// json.Marshal, which needs reflection.
func appendRequest(to []byte, meta HTTPRequestMeta) []byte {
	to = json.AppendString(append(to, `{"url":`...), meta.URL)
	to = json.AppendString(append(to, `,"method":`...), meta.Method)
	to = append(to, `,"headers":{`...)
	separator := ""
	for name, value := range meta.Headers {
		to = json.AppendString(append(to, separator...), name)
		to = json.AppendString(append(to, ':'), value)
		separator = ","
	}
	return append(to, "}}"...)
}

// parseHeaders reads the headers that the host shows; there are none where it shows something else.
func parseHeaders(object []byte) map[string]string {
	headers, err := json.UnmarshalStrings(object)
	if err != nil {
		return map[string]string{}
	}
	return headers
}
