package replica_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"wenbao/bot/redis/redistest"
)

// rights are those that docs/redis.md says a user needs, of servers and of
// sentinels.
func rights(t *testing.T) (server, sentinel []string) {
	t.Helper()
	doc, err := os.ReadFile("../../../docs/redis.md")
	if err != nil {
		t.Fatal(err)
	}
	find := func(pattern string) []string {
		m := regexp.MustCompile(pattern).FindSubmatch(doc)
		if m == nil {
			t.Fatalf("docs/redis.md says nothing like %s", pattern)
		}
		return strings.Fields(string(m[1]))
	}
	return find("An ACL user needs `([^`]+)`"), find("of the\\s+sentinels `([^`]+)`")
}

// grant makes the user wenbao with some rights and nothing else.
func grant(t *testing.T, s *redistest.Server, rights []string) {
	t.Helper()
	args := []any{"acl", "setuser", "wenbao", "reset", "on", ">a user's"}
	for _, r := range rights {
		args = append(args, r)
	}
	s.Do(t, args...)
}

// nothingDenied expects that nobody was refused anything.
func nothingDenied(t *testing.T, servers ...*redistest.Server) {
	t.Helper()
	for _, s := range servers {
		if denied, _ := s.Do(t, "acl", "log").([]any); len(denied) > 0 {
			t.Errorf("denied: %v", denied)
		}
	}
}

const user = "wenbao:a%20user's@"

// A user with exactly the rights that are documented can do everything, on
// every kind of Redis.
func TestRights(t *testing.T) {
	ofServer, ofSentinel := rights(t)
	t.Run("server", func(t *testing.T) {
		s := redistest.Start(t, redistest.WithPassword("an admin's")...)
		grant(t, s, ofServer)
		conform(t, "redis://"+user+s.Addr, s.URL())
		nothingDenied(t, s)
	})
	t.Run("cluster", func(t *testing.T) {
		thorough(t)
		c := redistest.StartCluster(t, redistest.WithPassword("an admin's")...)
		for _, n := range c.Nodes {
			grant(t, n, ofServer)
		}
		conform(t, "redis://"+user+c.Hosts(), c.URL())
		nothingDenied(t, c.Nodes...)
	})
	t.Run("sentinel", func(t *testing.T) {
		thorough(t)
		// Who asks where the master is, is not who asks the master.
		login := "requirepass guards\nsentinel sentinel-pass guards\nuser asker reset on >directions " + strings.Join(ofSentinel, " ") + "\n"
		s := redistest.StartSentinel(t, login, redistest.WithPassword("admins")...)
		grant(t, s.Master, ofServer)
		url := strings.Replace(s.URL(), ":admins@", user, 1) + "&sentinel_user=asker&sentinel_password=directions"
		conform(t, url, s.URL()+"&sentinel_password=guards")
		nothingDenied(t, append(s.Sentinels, s.Master)...)
	})
}
