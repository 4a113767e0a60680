// The part of the C library that most programs need, as C++ has it: what is made is freed, errors are exceptions,
// functions are lambdas. Copy it into your program and change it as you like.
#pragma once

#ifdef USE_EXTISM
#include <extism.h>
#else
#include <plugwright.h>
#endif

#include <cstdint>
#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plugwright {

// A plug-in could not be loaded, or a call failed.
class Error : public std::runtime_error {
public:
  Error(const std::string &message, int32_t code) : std::runtime_error(message), code_(code) {}

  // What the plug-in returned; -1 when it did not come to that.
  int32_t code() const noexcept { return code_; }

private:
  int32_t code_;
};

// A function of the program that plug-ins may call: from a text to another one or to none. Several plug-ins may have
// the same one; it lives until the last of them is gone, and runs in the threads that call them.
class Function {
public:
  using Body = std::function<std::optional<std::string>(std::string_view)>;

  Function(const std::string &name, Body body) {
    const ExtismValType offset = ExtismValType_I64;
    auto owned = std::make_unique<Body>(std::move(body));
    function_.reset(extism_function_new(name.c_str(), &offset, 1, &offset, 1, run, owned.get(), destroy));
    if (!function_) {
      throw Error("cannot make the function " + name, -1);
    }
    owned.release(); // `destroy` has it now.
  }

  const ExtismFunction *get() const noexcept { return function_.get(); }

private:
  // No exception may pass through the library and the plug-in: this one is kept for the caller (Plugin::call), who
  // says where by the call's context. Meanwhile, the plug-in sees a function that answers with nothing.
  static void run(ExtismCurrentPlugin *plugin, const ExtismVal *inputs, ExtismSize, ExtismVal *outputs, ExtismSize,
                  void *body) noexcept {
    outputs[0].v.i64 = 0;
    try {
      const auto answer = (*static_cast<Body *>(body))(text(plugin, static_cast<uint64_t>(inputs[0].v.i64)));
      if (answer) {
        outputs[0].v.i64 = static_cast<int64_t>(block(plugin, *answer));
      }
    } catch (...) {
      *static_cast<std::exception_ptr *>(extism_current_plugin_host_context(plugin)) = std::current_exception();
    }
  }

  // What a block of the plug-in's memory holds, until the plug-in runs on.
  static std::string_view text(ExtismCurrentPlugin *plugin, ExtismMemoryHandle block) {
    const ExtismSize length = extism_current_plugin_memory_length(plugin, block);
    if (length == 0) {
      return {};
    }
    return {reinterpret_cast<const char *>(extism_current_plugin_memory(plugin) + block),
            static_cast<size_t>(length)};
  }

  // A new block with a text. There is none for the empty text.
  static ExtismMemoryHandle block(ExtismCurrentPlugin *plugin, const std::string &text) {
    const ExtismMemoryHandle block = extism_current_plugin_memory_alloc(plugin, text.size());
    if (block != 0) {
      std::memcpy(extism_current_plugin_memory(plugin) + block, text.data(), text.size());
    } else if (!text.empty()) {
      throw std::bad_alloc();
    }
    return block;
  }

  static void destroy(void *body) noexcept { delete static_cast<Body *>(body); }

  struct Free {
    void operator()(ExtismFunction *function) const noexcept { extism_function_free(function); }
  };
  std::unique_ptr<ExtismFunction, Free> function_;
};

// A plug-in: code with a memory and variables of its own. One thread may call it at a time.
class Plugin {
public:
  // `source` is a manifest, a WebAssembly module, or its text. The functions need not outlive this.
  explicit Plugin(std::string_view source, const std::vector<Function> &functions = {}, bool wasi = false) {
    std::vector<const ExtismFunction *> pointers;
    for (const Function &function : functions) {
      pointers.push_back(function.get());
    }
    char *message = nullptr;
    plugin_.reset(extism_plugin_new(bytes(source), source.size(), pointers.data(), pointers.size(), wasi, &message));
    if (!plugin_) {
      const std::unique_ptr<char, void (*)(char *)> owned(message, extism_plugin_new_error_free);
      throw Error(message != nullptr ? message : "no reason was given", -1);
    }
  }

  // The output: of the plug-in's memory, so good until the next call. What a function threw comes out here.
  std::string_view call(const std::string &name, std::string_view input) {
    std::exception_ptr thrown;
    const int32_t code =
        extism_plugin_call_with_host_context(plugin_.get(), name.c_str(), bytes(input), input.size(), &thrown);
    if (thrown) {
      std::rethrow_exception(thrown);
    }
    if (code != 0) {
      const char *message = extism_plugin_error(plugin_.get());
      throw Error(message != nullptr ? message : "no reason was given", code);
    }
    return {reinterpret_cast<const char *>(extism_plugin_output_data(plugin_.get())),
            static_cast<size_t>(extism_plugin_output_length(plugin_.get()))};
  }

private:
  static const uint8_t *bytes(std::string_view text) noexcept {
    return reinterpret_cast<const uint8_t *>(text.data());
  }

  struct Free {
    void operator()(ExtismPlugin *plugin) const noexcept { extism_plugin_free(plugin); }
  };
  std::unique_ptr<ExtismPlugin, Free> plugin_;
};

} // namespace plugwright
