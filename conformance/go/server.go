package conformance

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// wasm is a module with a function `run` that returns 0.
const wasm = "\x00asm\x01\x00\x00\x00\x01\x05\x01\x60\x00\x01\x7f\x03\x02\x01\x00\x07\x07\x01\x03run\x00\x00\x0a\x06\x01\x04\x00\x41\x00\x0b"

// piece is what long bodies are written in.
var piece = bytes.Repeat([]byte("x"), 4096)

// Server is the web server that cases talk to: fixed paths, on the loopback interface.
type Server struct {
	listener net.Listener
	http     *http.Server
	stopped  chan struct{}
}

// StartServer starts one on a free port.
func StartServer() (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &Server{listener: listener, stopped: make(chan struct{})}
	server.http = &http.Server{Handler: http.HandlerFunc(server.answer)}
	// It returns when the server is closed, with an error that says so.
	go func() { _ = server.http.Serve(listener) }()
	return server, nil
}

// Close stops the server, and ends answers that are slow or endless.
func (s *Server) Close() error {
	close(s.stopped)
	return s.http.Close()
}

// URL is the server's base URL, by number.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// OtherURL is the same server under another host name.
func (s *Server) OtherURL() string {
	return strings.Replace(s.URL(), "127.0.0.1", "localhost", 1)
}

// answer serves one request. A client that goes away in the middle is the client's business: errors of writing are not looked at,
// but end what is endless.
func (s *Server) answer(out http.ResponseWriter, request *http.Request) {
	out.Header().Set("x-conformance", "yes")
	switch request.URL.Path {
	case "/hello":
		text(out, http.StatusOK, "Hello from the conformance server")
	case "/echo":
		echo(out, request)
	case "/status":
		code := int(number(request, "code"))
		text(out, code, "status "+strconv.Itoa(code))
	case "/redirect":
		redirect(out, argument(request, "to"))
	case "/loop":
		redirect(out, "/loop")
	case "/big":
		length := number(request, "bytes")
		out.Header().Set("content-length", strconv.FormatInt(length, 10))
		_, _ = io.CopyN(out, letters{}, length)
	case "/endless":
		for s.running() {
			if _, err := out.Write(piece); err != nil {
				return
			}
		}
	case "/slow":
		select {
		case <-time.After(time.Duration(number(request, "ms")) * time.Millisecond):
		case <-request.Context().Done():
		case <-s.stopped:
		}
		text(out, http.StatusOK, "slow")
	case "/wasm":
		respond(out, http.StatusOK, "application/wasm", []byte(wasm))
	case "/close":
		// What net/http knows as the way to close a connection without a response.
		panic(http.ErrAbortHandler)
	default:
		text(out, http.StatusNotFound, "no such path")
	}
}

func (s *Server) running() bool {
	select {
	case <-s.stopped:
		return false
	default:
		return true
	}
}

func echo(out http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		text(out, http.StatusBadRequest, err.Error())
		return
	}
	headers := map[string]string{"host": request.Host}
	for name, values := range request.Header {
		headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	var answer bytes.Buffer
	encoder := json.NewEncoder(&answer)
	encoder.SetEscapeHTML(false)
	seen := map[string]any{"body": string(body), "headers": headers, "method": request.Method, "path": request.URL.Path}
	if err := encoder.Encode(seen); err != nil {
		text(out, http.StatusInternalServerError, err.Error())
		return
	}
	respond(out, http.StatusOK, "application/json", bytes.TrimSpace(answer.Bytes()))
}

func redirect(out http.ResponseWriter, to string) {
	out.Header().Set("location", to)
	respond(out, http.StatusFound, "text/plain", nil)
}

func text(out http.ResponseWriter, status int, body string) {
	respond(out, status, "text/plain", []byte(body))
}

func respond(out http.ResponseWriter, status int, contentType string, body []byte) {
	out.Header().Set("content-type", contentType)
	out.Header().Set("content-length", strconv.Itoa(len(body)))
	out.WriteHeader(status)
	_, _ = out.Write(body)
}

// argument is all that follows `name=` in the query, as it stands.
func argument(request *http.Request, name string) string {
	rest, _ := strings.CutPrefix(request.URL.RawQuery, name+"=")
	return rest
}

// number is the same as a number, 0 when it is none.
func number(request *http.Request, name string) int64 {
	parsed, err := strconv.ParseInt(argument(request, name), 10, 64)
	if err != nil {
		return 0
	}
	return parsed
}

// letters is the letter x without end.
type letters struct{}

func (letters) Read(buffer []byte) (int, error) { return copy(buffer, piece), nil }
