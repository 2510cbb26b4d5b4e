#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/client/completion.hpp"

namespace raftkv::cli::client {

// Reads lines from a person at a terminal: stdin and stdout. One at a time in a process.
class LineEditor {
  public:
    enum class Event { line, interrupted, end };

    // `completer` is asked at TAB with the text before the cursor. read() ends with `interrupted`
    // when `cancel_fd` is readable.
    LineEditor(std::function<Completion(std::string_view)> completer, int cancel_fd);
    ~LineEditor();
    LineEditor(const LineEditor&) = delete;
    LineEditor& operator=(const LineEditor&) = delete;

    // Puts a line where the arrow keys find it.
    void remember(const std::string& line);

    // The prompt is painted with the escape sequence `color`, if not empty, and a blank follows it.
    // The line is without its end.
    Event read(const std::string& prompt, const std::string& color, std::string& line);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace raftkv::cli::client
