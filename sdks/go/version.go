package plugwright

// version is that of all of Plugwright; a test compares it with the workspace's.
const version = "0.1.0"
