package sql

import (
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	o, err := Parse(map[string]string{"engine": "postgres", "pool": "3", "think": "2ms", "think_outside": "3ms", "lock_order": "given",
		"second_connection": "true", "lock_timeout": "50ms", "statement_timeout": "1s", "pool_timeout": "0s", "instances": "2", "sync": "off", "schema": "s_1"})
	if err != nil {
		t.Fatal(err)
	}
	want := Options{Engine: "postgres", Schema: "s_1", Sync: "off", TTL: 10 * time.Second, MaxTTL: time.Hour, Pool: 3, Think: 2 * time.Millisecond, Before: 3 * time.Millisecond,
		Given: true, Second: true, LockTimeout: 50 * time.Millisecond, Statement: time.Second, Instances: 2}
	if o != want {
		t.Errorf("got %+v\nexpected %+v", o, want)
	}
	if o, err := Parse(nil); err != nil || o.Engine != "sqlite" || o.LockTimeout != 5*time.Second {
		t.Errorf("got %+v, %v", o, err)
	}
	if o, err := Parse(map[string]string{"engine": "postgres"}); err != nil || o.LockTimeout != 0 {
		t.Errorf("got %+v, %v", o, err)
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	for want, options := range map[string]map[string]string{
		`option engine = "mysql": expected sqlite or postgres`:              {"engine": "mysql"},
		`unknown option "pol": expected one of engine, scheme`:              {"pol": "3"},
		`option pool = "0": expected a number from 1 to 200`:                {"pool": "0"},
		`option think = "2": expected a duration`:                           {"think": "2"},
		`option dsn is for engine postgres, and this is engine sqlite`:      {"dsn": "x"},
		`option file is for engine sqlite, and this is engine postgres`:     {"engine": "postgres", "file": "x"},
		`option schema = "a;b": expected a name of small letters`:           {"engine": "postgres", "schema": "a;b"},
		`option lock_order = "random": expected sorted or given`:            {"lock_order": "random"},
		`option scheme = "nowait": expected version, row-lock, row-lock-no`: {"scheme": "nowait"},
	} {
		if _, err := Parse(options); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, expected %s", options, err, want)
		}
	}
}
