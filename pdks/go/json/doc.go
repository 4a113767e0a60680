// Package json encodes and decodes JSON as the standard library's encoding/json does, at half its weight in a plug-in:
// it needs neither fmt nor os. A plug-in that imports it without using it pays next to nothing, while Go would keep all
// that encoding/json sets up at its start.
//
// Struct tags, the interfaces MarshalJSON, UnmarshalJSON, MarshalText and UnmarshalText, embedded structs and the
// matching of names follow the documentation of encoding/json, and the types of that package (RawMessage, Number) are
// understood. What differs is the text and the type of errors.
package json
