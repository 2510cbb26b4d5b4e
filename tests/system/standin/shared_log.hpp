#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "common/protocol/request.hpp"

namespace raftkv::standin {

// What the nodes of a stand-in cluster tell each other.
struct Record {
    enum class Kind : std::uint8_t {
        beat,     // the node is alive
        claim,    // the node wants to lead from now on, in `term`
        command,  // of a client, put forward by the leader of `term`
        forget,   // some keys go, because a node was started again
    };
    Kind kind = Kind::beat;
    std::uint32_t node = 0;
    std::uint64_t term = 0;
    std::int64_t time_ms = 0;  // of the machine's monotonic clock, which all nodes share
    std::uint64_t nonce = 0;   // command: how its sender knows it again
    protocol::Op op = protocol::Op::get;
    std::uint32_t exptime_s = 0;
    std::uint64_t version = 0;
    std::string key, value;
};

// One file that all nodes append to and read: the order of its records is the order of the
// cluster. One write() a record, so a node can be killed or stopped anywhere without harm to the
// others; a record that was cut short is passed over.
class SharedLog {
  public:
    // Makes the file when it is missing. Ends the process when that fails.
    explicit SharedLog(const std::filesystem::path& file);
    ~SharedLog();
    SharedLog(const SharedLog&) = delete;
    SharedLog& operator=(const SharedLog&) = delete;

    void append(const Record& record);
    // Calls `take` for each record that was not read before, up to the end of the file. Everything
    // that append() has written is among them.
    void read_new(const std::function<void(const Record&)>& take);

  private:
    void load();

    int fd_;
    std::string unread_;
    std::int64_t loaded_ = 0;    // bytes of the file that were ever put into unread_
    std::int64_t appended_ = 0;  // the end of the last record of this node
};

}  // namespace raftkv::standin
