// Package chattest helps to test bots and platform adapters. [Fake] is a
// platform that a test can drive.
package chattest
