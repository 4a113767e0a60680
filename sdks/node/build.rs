//! Tells the linker of systems that ask for it that the symbols of Node-API come from the program that loads the addon.

fn main() {
    napi_build::setup();
}
