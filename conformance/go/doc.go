// Package conformance runs the cases of conformance/cases by SDKs for Go: ours, and the public one.
//
// [Load] reads the cases, [LeftOut] decides by an SDK's abilities which of them it can express, and [Run] runs one. What
// differs between SDKs is a [Surface]; the folders own and public have one each.
package conformance
