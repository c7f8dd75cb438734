// Package publicnet tells addresses of public servers from all others, so that an
// address that a stranger has chosen leads to no private one.
package publicnet

import (
	"fmt"
	"net/netip"
	"syscall"
)

// Addresses that are not somebody's public server, by the IANA registries of
// special-purpose addresses (RFC 6890), and the one public address by which a
// cloud offers its metadata.
var (
	notPublic4 = prefixes(
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
		"192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
		"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
		"168.63.129.16/32", // Azure
	)
	// Public IPv6 addresses are those in 2000::/3, but not these. 2002::/16 is
	// 6to4 and 2001::/32 Teredo: they lead to IPv4 addresses.
	public6    = netip.MustParsePrefix("2000::/3")
	notPublic6 = prefixes("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
	// nat64 leads to the IPv4 address in its last four bytes.
	nat64 = netip.MustParsePrefix("64:ff9b::/96")
)

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// IsPublic reports whether the address can be a server on the internet.
func IsPublic(ip netip.Addr) bool {
	if ip.Zone() != "" {
		return false
	}
	ip = ip.Unmap()
	if nat64.Contains(ip) {
		bytes := ip.As16()
		ip = netip.AddrFrom4([4]byte(bytes[12:]))
	}
	special := notPublic4
	if ip.Is6() {
		if !public6.Contains(ip) {
			return false
		}
		special = notPublic6
	}
	for _, p := range special {
		if p.Contains(ip) {
			return false
		}
	}
	return ip.IsValid()
}

// Control is for the Control of a [net.Dialer]: it sees the address that a name
// has led to, just before the connection is made, so a name cannot change in
// between. It refuses addresses that are not public.
func Control(network, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !IsPublic(at.Addr()) {
		return fmt.Errorf("%s address %s is not public", network, address)
	}
	return nil
}
