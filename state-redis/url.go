package redisstate

import (
	"cmp"
	"context"
	"net"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/chat-adapter/chat-go/core/state"
)

func init() {
	for scheme := range schemes {
		state.Register(scheme, open)
	}
}

func open(_ context.Context, rawURL string) (state.Adapter, error) {
	a, err := New(Config{URL: rawURL})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// topology is what a URL's scheme names.
type topology int

const (
	standalone topology = iota
	cluster
	sentinel
)

// schemes are the URL schemes, with what each means.
var schemes = map[string]kind{
	"redis":            {family: "redis"},
	"rediss":           {family: "redis", tls: true},
	"redis+unix":       {family: "redis", socket: true},
	"redis+cluster":    {family: "redis", topology: cluster},
	"rediss+cluster":   {family: "redis", topology: cluster, tls: true},
	"redis+sentinel":   {family: "redis", topology: sentinel},
	"rediss+sentinel":  {family: "redis", topology: sentinel, tls: true},
	"valkey":           {family: "valkey"},
	"valkeys":          {family: "valkey", tls: true},
	"valkey+unix":      {family: "valkey", socket: true},
	"valkey+cluster":   {family: "valkey", topology: cluster},
	"valkeys+cluster":  {family: "valkey", topology: cluster, tls: true},
	"valkey+sentinel":  {family: "valkey", topology: sentinel},
	"valkeys+sentinel": {family: "valkey", topology: sentinel, tls: true},
}

// kind is what a scheme means.
type kind struct {
	family   string // the scheme of the plain form
	topology topology
	tls      bool
	socket   bool // a Unix socket
}

// scheme names the scheme of the same family.
func (k kind) scheme(t topology, tls bool) string {
	name := cmp.Or(k.family, "redis")
	if tls {
		name += "s"
	}
	return name + [...]string{standalone: "", cluster: "+cluster", sentinel: "+sentinel"}[t]
}

// location is a parsed URL.
type location struct {
	kind
	scheme   string
	username string
	password string
	hosts    []string // host:port, or the path of a socket
	master   string   // under Sentinel
	db       int
	query    url.Values
}

const hintEncode = "reserved characters in a user name or a password must be percent-encoded, as %40 for @, %23 for #, %2F for / and %3F for ?"

// parseURL reads the URL. It does so by hand, as net/url takes no list of hosts.
//
// Its errors show nothing that may be a part of a password. What comes before the
// last @ may be, so none may follow the hosts: there it would be the end of a
// password with a reserved character in it.
func parseURL(raw string) (*location, error) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return nil, invalid("Config.URL is empty")
	}
	scheme, rest, ok := strings.Cut(raw, "://")
	scheme = strings.ToLower(scheme)
	k, known := schemes[scheme]
	if !ok || !known {
		return nil, invalid("Config.URL has an unknown scheme, want one of redis, redis+unix, redis+cluster and redis+sentinel, " +
			"the same with rediss for TLS, or with valkey and valkeys")
	}
	u := &location{kind: k, scheme: scheme}
	end := len(rest)
	if at := strings.IndexAny(rest, "/?#"); at >= 0 {
		end = at
	}
	authority, rest := rest[:end], rest[end:]
	if strings.ContainsAny(rest, "@#") {
		return nil, invalid("Config.URL cannot be read, as an @ or a # comes after the host: %s", hintEncode)
	}
	path, rawQuery, _ := strings.Cut(rest, "?")
	hosts := authority
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		hosts = authority[at+1:]
		if err := u.parseUser(authority[:at]); err != nil {
			return nil, err
		}
	}
	if err := u.parsePlace(hosts, path, hosts != authority); err != nil {
		return nil, err
	}
	// A plus is a plus, as before the @.
	query, err := url.ParseQuery(strings.ReplaceAll(rawQuery, "+", "%2B"))
	if err != nil {
		return nil, invalid("Config.URL has a query that cannot be read: want name=value&name=value, percent-encoded")
	}
	u.query = query
	return u, u.parseDatabase()
}

func (u *location) parseUser(info string) error {
	name, pass, _ := strings.Cut(info, ":")
	var err error
	if u.username, err = url.PathUnescape(name); err != nil {
		return invalid("Config.URL has a user name that cannot be read: %s", hintEncode)
	}
	if u.password, err = url.PathUnescape(pass); err != nil {
		return invalid("Config.URL has a password that cannot be read: %s", hintEncode)
	}
	return nil
}

// parsePlace reads where the servers are.
func (u *location) parsePlace(hosts, path string, afterUser bool) error {
	if !u.socket {
		if err := u.parseHosts(hosts, afterUser); err != nil {
			return err
		}
		return u.parsePath(path)
	}
	socket, err := url.PathUnescape(path)
	if hosts != "" || err != nil || strings.Trim(socket, "/") == "" {
		return invalid("Config.URL: scheme %s takes the path of a socket and no host, as in %s:///run/redis.sock", u.scheme, u.scheme)
	}
	u.hosts = []string{socket}
	return nil
}

// parseHosts reads the hosts. What stands there is no part of a password if it
// comes after a user, or looks like an address.
func (u *location) parseHosts(list string, afterUser bool) error {
	defaultPort := "6379"
	if u.topology == sentinel {
		defaultPort = "26379"
	}
	for i, host := range strings.Split(list, ",") {
		name, port, ok := splitHost(strings.TrimSpace(host))
		if !ok {
			return invalid("Config.URL: host %d is no name or address, which is [address] for IPv6, with or without :port. "+
				"With a password the form is user:password@host, and %s", i+1, hintEncode)
		}
		if port == "" {
			port = defaultPort
		} else if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			if !afterUser && !strings.ContainsAny(name, ".:") && name != "localhost" {
				return invalid("Config.URL: the port of host %d is not a number from 1 to 65535. It is not shown, as it may be "+
					"a password: then the form is user:password@host", i+1)
			}
			return invalid("Config.URL: the port of host %d is %q, want a number from 1 to 65535", i+1, port)
		}
		if name == "" {
			name = "127.0.0.1"
		}
		u.hosts = append(u.hosts, net.JoinHostPort(name, port))
	}
	if u.topology == standalone && len(u.hosts) > 1 {
		return invalid("Config.URL: scheme %s takes one host, and has %d: %s and %s take several",
			u.scheme, len(u.hosts), u.kind.scheme(cluster, u.tls), u.kind.scheme(sentinel, u.tls))
	}
	return nil
}

// splitHost takes a port from a host. It refuses what is no name and no address.
func splitHost(host string) (name, port string, ok bool) {
	if rest, v6 := strings.CutPrefix(host, "["); v6 {
		name, port, ok = strings.Cut(rest, "]")
		address, _, _ := strings.Cut(name, "%") // and a zone
		port, colon := strings.CutPrefix(port, ":")
		return name, port, ok && net.ParseIP(address) != nil && (colon == (port != ""))
	}
	name, port, colon := strings.Cut(host, ":")
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-._", r) {
			return "", "", false
		}
	}
	return name, port, !strings.Contains(port, ":") && colon == (port != "")
}

func (u *location) parsePath(path string) error {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	if parts[0] == "" {
		parts = nil
	}
	if u.topology == sentinel {
		if len(parts) == 0 {
			return invalid("Config.URL: scheme %s needs the master's name, as in %s://host:26379/mymaster", u.scheme, u.scheme)
		}
		name, err := url.PathUnescape(parts[0])
		if err != nil {
			return invalid("Config.URL has a master name that cannot be read")
		}
		u.master, parts = name, parts[1:]
	}
	if len(parts) == 0 {
		return nil
	}
	if len(parts) > 1 || !u.setDatabase(parts[0]) {
		return invalid("Config.URL: the path must end with the number of the database")
	}
	return u.checkDatabase()
}

// parseDatabase reads the parameter db, which other libraries have.
func (u *location) parseDatabase() error {
	values, ok := u.query["db"]
	if !ok {
		return nil
	}
	delete(u.query, "db")
	before := u.db
	if len(values) > 1 || !u.setDatabase(values[0]) {
		return invalid("Config.URL: parameter db is %q, want the number of the database, once", values)
	}
	if before != 0 && before != u.db {
		return invalid("Config.URL names database %d in its path and %d as parameter db, want one", before, u.db)
	}
	return u.checkDatabase()
}

func (u *location) setDatabase(number string) bool {
	n, err := strconv.ParseUint(number, 10, 31)
	u.db = int(n)
	return err == nil
}

func (u *location) checkDatabase() error {
	if u.topology == cluster && u.db != 0 {
		return invalid("Config.URL: a Cluster has database 0 only")
	}
	return nil
}
