package remote_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	plugwright "github.com/plugwright/plugwright/sdks/go"
	"github.com/plugwright/plugwright/sdks/go/remote"
)

// told is what a stranger answers to a call.
type told struct {
	headers map[string]string
	reply   string
	body    string
}

func (a told) send(t *testing.T, conn *nats.Conn, to string) {
	message := nats.NewMsg(to)
	for name, value := range a.headers {
		message.Header.Set(name, value)
	}
	message.Reply, message.Data = a.reply, []byte(a.body)
	if err := conn.PublishMsg(message); err != nil {
		t.Error(err)
	}
}

// answer answers calls of the plug-in, always like this.
func answer(t *testing.T, conn *nats.Conn, answers ...told) *nats.Subscription {
	t.Helper()
	answering, err := conn.Subscribe("plugwright.p.*", func(request *nats.Msg) {
		for _, answer := range answers {
			answer.send(t, conn, request.Reply)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}
	return answering
}

func TestNonsenseIsAnErrorAndCostsNothing(t *testing.T) {
	url, conn := world(t)
	stranger := connect(t, url)
	cancellations := listen(t, stranger, "plugwright-cancel.p")
	p := plugin(t, conn, remote.Config{MaxBytes: 1000})
	at := "plugwright-part.p.w.1"
	long := strings.Repeat("9", 100_000)
	type test struct {
		headers map[string]string
		kind    plugwright.Kind
	}
	output := func(at, size string, kind plugwright.Kind) test {
		return test{map[string]string{"Plugwright-Output-At": at, "Plugwright-Output-Bytes": size}, kind}
	}
	tests := []test{
		output(at, "9999999999", plugwright.KindLimit),
		output(at, "1001", plugwright.KindLimit),
		// Nobody has it.
		output(at, "10", plugwright.KindLost),
		{map[string]string{"Plugwright-Output-At": at}, plugwright.KindIncompatible},
	}
	for _, size := range []string{"", "-1", "1.5", "1e3", "99999999999", "0x10", "1 0", long} {
		tests = append(tests, output(at, size, plugwright.KindIncompatible))
	}
	for _, subject := range []string{
		"", "$JS.API.STREAM.DELETE.X", "_INBOX.x", "plugwright.p.w.1", "plugwright-part.q.w.1", "plugwright-part.p.*.>", "plugwright-part.p.w",
		"plugwright-part.p.w.1.2", "plugwright-part.p..1", "plugwright-part.p.w.\u00e4", long,
	} {
		tests = append(tests, output(subject, "10", plugwright.KindIncompatible))
	}
	for _, begin := range []string{"", "-1", "zero", "1.5", "5", "6", "9999999999", "99999999999", long} {
		tests = append(tests, test{map[string]string{"Plugwright-Part": begin}, plugwright.KindIncompatible})
	}
	for _, test := range tests {
		answering := answer(t, stranger, told{headers: test.headers, reply: "_INBOX.stranger"})
		_, output, err := p.Call("echo", input(5))
		if !errors.Is(err, test.kind) || len(output) != 0 || len(err.Error()) > 400 {
			t.Errorf("%.200v: %.500v", test.headers, err)
		}
		// Whoever has something for the call is told that nobody waits.
		if _, err := cancellations.NextMsg(time.Minute); err != nil {
			t.Errorf("%.200v: %v", test.headers, err)
		}
		if err := answering.Unsubscribe(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnOutputInOneMessageIsNotLargerThanAllowed(t *testing.T) {
	url, conn := world(t)
	answer(t, connect(t, url), told{body: strings.Repeat("x", 1001)})
	_, _, err := plugin(t, conn, remote.Config{MaxBytes: 1000}).Call("echo", nil)
	if !errors.Is(err, plugwright.KindLimit) || !strings.Contains(err.Error(), "1001") || !strings.Contains(err.Error(), "MaxBytes") {
		t.Fatal(err)
	}
}

func TestErrorsWithoutWordsAreErrors(t *testing.T) {
	url, conn := world(t)
	stranger := connect(t, url)
	p := plugin(t, conn, remote.Config{Wait: 100 * time.Millisecond})
	for _, test := range []struct {
		told told
		kind plugwright.Kind
	}{
		{told{headers: map[string]string{"Nats-Service-Error-Code": "500"}, body: `{"kind": "Lost", "message": ""}`}, plugwright.KindLost},
		{told{headers: map[string]string{"Nats-Service-Error-Code": ""}, body: `{"kind": "Trap", "backtrace": 7}`}, plugwright.KindIncompatible},
		{told{headers: map[string]string{"Plugwright-Not-Begun": ""}}, plugwright.KindUnavailable},
	} {
		answering := answer(t, stranger, test.told)
		if _, _, err := p.Call("echo", nil); !errors.Is(err, test.kind) {
			t.Errorf("%v: %v", test.told, err)
		}
		if err := answering.Unsubscribe(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPartsThatDoNotFitTogether(t *testing.T) {
	url, conn := world(t)
	stranger := connect(t, url)
	p := plugin(t, conn, remote.Config{})
	at := "plugwright-part.p.w.1"
	answer(t, stranger, told{headers: map[string]string{"Plugwright-Output-At": at, "Plugwright-Output-Bytes": "10"}})
	for _, test := range []struct {
		parts    map[string][]string
		expected string
	}{
		{map[string][]string{"0": {"01234567890"}}, ""},
		{map[string][]string{"0": {""}}, ""},
		{map[string][]string{"0": {"012345"}, "6": {"6789x"}}, ""},
		{map[string][]string{"0": {"012345"}, "6": {""}}, ""},
		// One that comes twice is there once.
		{map[string][]string{"0": {"012345", "345678"}, "6": {"67", "67"}, "8": {"89", "89"}}, "0123456789"},
	} {
		last := make(chan string, 1)
		having, err := stranger.Subscribe(at, func(request *nats.Msg) {
			begin := request.Header.Get("Plugwright-Part")
			if request.Reply == "" {
				last <- begin
			}
			for _, part := range test.parts[begin] {
				if err := request.Respond([]byte(part)); err != nil {
					t.Error(err)
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := stranger.Flush(); err != nil {
			t.Fatal(err)
		}
		_, output, err := p.Call("echo", nil)
		switch {
		case test.expected == "" && !errors.Is(err, plugwright.KindLost):
			t.Errorf("%v: %q, %v", test.parts, output, err)
		case test.expected != "" && (err != nil || string(output) != test.expected):
			t.Errorf("%v: %q, %v", test.parts, output, err)
		case test.expected != "":
			if said := <-last; said != strconv.Itoa(len(test.expected)) {
				t.Errorf("the worker hears that the caller has %s bytes", said)
			}
		}
		if err := having.Unsubscribe(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestACallerAnswersNowhereElse(t *testing.T) {
	url, conn := world(t)
	stranger := connect(t, url)
	forbidden := []string{"$JS.API.STREAM.DELETE.X", "plugwright.other.f", "plugwright-cancel.other", "plugwright-part.other.w.1"}
	var heard []*nats.Subscription
	var answers []told
	for _, subject := range forbidden {
		heard = append(heard, listen(t, stranger, subject))
		answers = append(answers, told{headers: map[string]string{"Plugwright-Part": "0"}, reply: subject})
	}
	answers = append(answers, told{headers: map[string]string{"Plugwright-Part": "0"}}, told{body: "done"})
	answer(t, stranger, answers...)
	_, output, err := plugin(t, conn, remote.Config{}).Call("echo", []byte("secret"))
	if err != nil || string(output) != "done" {
		t.Fatalf("%q, %v", output, err)
	}
	for i, subject := range forbidden {
		// Over the caller's connection, so that it comes after whatever the caller sent.
		if err := conn.Publish(subject, []byte("end")); err != nil {
			t.Fatal(err)
		}
		message, err := heard[i].NextMsg(time.Minute)
		if err != nil || string(message.Data) != "end" {
			t.Fatalf("%s: %v, %v", subject, message, err)
		}
	}
}
