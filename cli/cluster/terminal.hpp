#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace raftkv::cli {

struct TerminalSize {
    std::size_t width = 80;
    std::size_t height = 24;
};

// True when stdout is a terminal that understands cursor movements, and ours: in the background
// (`up &`) it belongs to the shell.
bool stdout_is_terminal();
// True when stdout is a terminal and the user has not set NO_COLOR.
bool stdout_wants_color();
// False while a write would wait for whoever reads it. The supervisor has better things to do.
bool stdout_takes_more();
TerminalSize terminal_size();

// Takes over the terminal for a picture that is drawn again and again: the alternate screen,
// without cursor or echo; what was there before comes back with the destructor. Ctrl-C goes on
// to raise SIGINT; Ctrl-Z, which would suspend whoever looks after the nodes, does nothing.
class Screen {
  public:
    Screen();
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;
    ~Screen();

    // One write for the whole picture, and none when nothing has changed: no flicker. A terminal
    // that hangs misses pictures.
    void draw(const std::vector<std::string>& lines);
    // The terminal was resized and may show anything: the next picture is drawn whole.
    void invalidate() { shown_.clear(); }

  private:
    struct Saved;
    std::unique_ptr<Saved> saved_;
    std::string shown_;
};

}  // namespace raftkv::cli
