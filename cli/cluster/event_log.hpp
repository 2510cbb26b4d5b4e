#pragma once

#include <cstddef>
#include <deque>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/line_rate.hpp"

namespace raftkv::cli {

// What happened to the cluster, a line each: into the supervisor's log, onto stdout where no table
// is shown, and kept for the table. What happens again and again is told once a second.
class EventLog {
  public:
    // Quiet: nothing on stdout.
    EventLog(std::filesystem::path file, bool quiet);
    EventLog(const EventLog&) = delete;
    EventLog& operator=(const EventLog&) = delete;
    ~EventLog();

    void record(std::string_view what);

    // The last ones, the newest at the end.
    std::vector<std::string> recent() const { return {recent_.begin(), recent_.end()}; }
    // Keeps the file within its bound.
    void rotate();
    // Goes on in the file that has the log's name now.
    void reopen();

  private:
    std::filesystem::path file_;
    int descriptor_;
    bool quiet_;
    std::deque<std::string> recent_;
    // People give many orders in a minute, and each is told; what goes wrong by itself, for ever,
    // still has a bound.
    log::LineRate rate_{1000};
};

}  // namespace raftkv::cli
