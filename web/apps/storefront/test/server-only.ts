// Stands in for the guard package, which refuses to load outside a server build.
export {}
