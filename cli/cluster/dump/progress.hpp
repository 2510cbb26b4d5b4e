#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace raftkv::cli::dump {

// "dump  [==========          ]  50 %  500000 of 1000000 keys, 120000 a second, 4 s left", on
// stderr when that is a terminal, a few times a second.
class Progress {
  public:
    // `total` 0: not known.
    Progress(std::string what, std::uint64_t total, std::string unit = "keys");
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress();  // takes the line away

    void set_total(std::uint64_t total) { total_ = total; }
    void show(std::uint64_t done);

  private:
    const std::string what_;
    const std::string unit_;
    std::uint64_t total_;
    const bool on_terminal_;
    const std::chrono::steady_clock::time_point start_;
    std::chrono::steady_clock::time_point next_;
    bool shown_ = false;
};

// The line, after so many seconds.
std::string progress_line(const std::string& what, std::uint64_t done, std::uint64_t total,
                          double seconds, const std::string& unit = "keys");

}  // namespace raftkv::cli::dump
