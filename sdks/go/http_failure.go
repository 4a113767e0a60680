package plugwright

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// httpFailure is why a request failed, before it is known whether a guest or the host asked for it. Its words show no
// URL's path, query or user and no header's value.
type httpFailure struct {
	// kind is KindHTTP, unless the end of a guest's call is of another one.
	kind   Kind
	reason string
	// advice is what a guest's operator can do about it; empty when the reason says it.
	advice string
	cause  error
}

func failed(format string, args ...any) *httpFailure {
	return &httpFailure{kind: KindHTTP, reason: fmt.Sprintf(format, args...)}
}

// forGuest is the error of a guest's request.
func (f *httpFailure) forGuest() *Error {
	return newError(f.kind, "HTTP: %s%s", f.reason, f.advice).because(f.cause)
}

// forDownload is the error of a download.
func (f *httpFailure) forDownload(from string) *Error {
	return newError(KindLoad, "cannot download `%s`: %s", shownURL(from), f.reason).because(f.cause)
}

// transportFailure is a failure of the HTTP library while it talked to target. Who gave up is told by the context that
// the caller gave, before that of the library, whose words differ.
func transportFailure(target *url.URL, err error, caller, own context.Context) *httpFailure {
	switch {
	case errors.Is(caller.Err(), context.Canceled):
		return &httpFailure{kind: KindCancelled, reason: "the request was cancelled with the call", cause: err}
	case isOver(caller):
		return &httpFailure{kind: KindTimeout, reason: "the request did not end before the call's deadline", cause: err}
	case isOver(own):
		return &httpFailure{
			kind: KindHTTP, reason: fmt.Sprintf("no complete answer within %v", defaultHTTPTimeout.Round(time.Second)),
			advice: "; set `timeout_ms` to wait for a shorter or longer time", cause: err,
		}
	}
	failure := failed("the request to `%s` failed: %s", origin(target), oneLine(rootCause(err).Error()))
	failure.cause = err
	return failure
}

// isOver reports whether a context's time is up. A connection notices its deadline on its own, and may do so before the
// context does.
func isOver(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ok && !time.Now().Before(deadline)
}

// rootCause is the innermost reason, such as "connection refused": the outer ones only say that sending failed.
func rootCause(err error) error {
	for {
		cause := errors.Unwrap(err)
		if cause == nil {
			return err
		}
		err = cause
	}
}

// origin is scheme, host and port: as much of a URL as a message may show.
func origin(target *url.URL) string {
	host := strings.ToLower(target.Host)
	switch target.Scheme {
	case "http":
		host = strings.TrimSuffix(host, ":80")
	case "https":
		host = strings.TrimSuffix(host, ":443")
	}
	return target.Scheme + "://" + host
}

// shownURL is a URL for people: without user, password and query, which may be secrets. The path stays, since the
// operator who reads this wrote several URLs of one host.
func shownURL(text string) string {
	target, err := url.Parse(text)
	if err != nil || target.Host == "" {
		return "an invalid URL"
	}
	return origin(target) + target.EscapedPath()
}
