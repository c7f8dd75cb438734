package publicnet

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPublicAddresses(t *testing.T) {
	for address, public := range map[string]bool{
		"93.184.215.14":       true,
		"1.1.1.1":             true,
		"2606:4700::1111":     true,
		"::ffff:1.1.1.1":      true, // IPv4 in IPv6
		"64:ff9b::1.1.1.1":    true, // NAT64
		"0.0.0.0":             false,
		"0.1.2.3":             false,
		"10.0.0.1":            false,
		"100.64.0.1":          false, // carrier-grade NAT
		"100.100.100.200":     false, // metadata of Alibaba
		"127.0.0.1":           false,
		"127.255.255.254":     false,
		"168.63.129.16":       false, // metadata of Azure
		"169.254.169.254":     false, // metadata of most others
		"169.254.170.2":       false,
		"172.16.0.1":          false,
		"172.31.255.255":      false,
		"192.0.0.192":         false, // metadata of Oracle
		"192.0.2.1":           false,
		"192.168.1.1":         false,
		"198.18.0.1":          false,
		"203.0.113.1":         false,
		"224.0.0.1":           false,
		"239.255.255.250":     false,
		"240.0.0.1":           false,
		"255.255.255.255":     false,
		"::":                  false,
		"::1":                 false,
		"::7f00:1":            false, // IPv4-compatible
		"::ffff:127.0.0.1":    false,
		"::ffff:10.1.2.3":     false,
		"::ffff:0:127.0.0.1":  false, // translated
		"64:ff9b::7f00:1":     false,
		"64:ff9b::a9fe:a9fe":  false,
		"64:ff9b:1::1":        false,
		"100::1":              false,
		"2001::1":             false, // Teredo
		"2001:db8::1":         false,
		"2002:7f00:1::":       false, // 6to4
		"3fff::1":             false,
		"5f00::1":             false,
		"fc00::1":             false,
		"fd00:ec2::254":       false, // metadata of AWS
		"fe80::1":             false,
		"fe80::1%eth0":        false,
		"2606:4700::1111%lo0": false,
		"fec0::1":             false,
		"ff02::1":             false,
	} {
		require.Equal(t, public, IsPublic(netip.MustParseAddr(address)), address)
	}
	require.False(t, IsPublic(netip.Addr{}))
	require.NoError(t, Control("tcp4", "1.1.1.1:443", nil))
	require.Error(t, Control("tcp4", "127.0.0.1:443", nil))
	require.Error(t, Control("tcp6", "[::1]:443", nil))
	require.Error(t, Control("tcp", "localhost:443", nil), "a name, not an address")
}
