#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/result.hpp"

namespace raftkv::cli::client {

// Where the shell keeps what was typed: $XDG_STATE_HOME/raftkv/history, or the same in
// ~/.local/state; nothing when there is no home.
std::optional<std::filesystem::path> history_path();

// Lines that were typed, oldest first, in a text file that only its owner can read (values may be
// secrets). Lines are appended one by one, so that several shells share a file and none is lost
// with a shell that is killed. (libedit's own H_SAVE writes the whole file over.)
class HistoryFile {
  public:
    // Makes folders that are missing. Trims a file that has grown long.
    static Result<HistoryFile> open(const std::filesystem::path& path);

    const std::vector<std::string>& lines() const { return lines_; }
    // Failures are of no account: the line is only missing next time.
    void append(const std::string& line);

  private:
    std::filesystem::path path_;
    std::vector<std::string> lines_;
};

}  // namespace raftkv::cli::client
