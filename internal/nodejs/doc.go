// Package nodejs finds Node.js and npm for the tests that compare this SDK with
// npm packages, and fetches both where the machine lacks them.
//
// Nothing but Go is needed for that: the npm registry has Node.js as a package,
// too. [Install] gets it from the registry that npm would use, compares it with
// the checksums in this package, and keeps it in the user's cache folder.
package nodejs
