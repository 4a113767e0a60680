// Greets the people named on the command line.
//
// A plug-in writes the greetings (../greet.wat). It asks this program for people's titles by a function that this
// program lends to it, `title_of`.
#include "plugwright.hpp"

#include <iostream>
#include <map>

using Titles = std::map<std::string, std::string, std::less<>>;

static std::optional<std::string> title_of(const Titles &titles, std::string_view name) {
  if (name == "Nobody") {
    // What a function throws is caught where the plug-in was called.
    throw std::invalid_argument("nobody has no title");
  }
  const auto found = titles.find(name);
  return found != titles.end() ? std::optional(found->second) : std::nullopt;
}

// Prints one greeting. False when there is none.
static bool greet(plugwright::Plugin &plugin, const std::string &name) {
  try {
    std::cout << plugin.call("greet", name) << std::endl;
    return true;
  } catch (const std::exception &error) {
    std::cerr << "cannot greet: " << error.what() << std::endl;
    return false;
  }
}

static bool greet_all(int count, char **names) {
  const Titles titles{{"Ada", "Countess"}, {"Grace", "Rear Admiral"}};
  std::vector<plugwright::Function> functions;
  functions.emplace_back("title_of", [&titles](std::string_view name) { return title_of(titles, name); });
  plugwright::Plugin plugin(R"({"wasm": [{"path": "../greet.wat"}]})", functions);

  bool good = true;
  for (int i = 0; i < count; i++) {
    good = greet(plugin, names[i]) && good;
  }
  return good;
}

int main(int argc, char **argv) {
  try {
    return greet_all(argc - 1, argv + 1) ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (const std::exception &error) {
    std::cerr << "cannot load the plug-in: " << error.what() << std::endl;
    return EXIT_FAILURE;
  }
}
