#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/descriptor.hpp"

// A server on loopback that does exactly what a test tells it to, right or wrong.

namespace raftkv::test {

// The server's end of one connection.
class FakeSession {
  public:
    explicit FakeSession(int fd) : socket_(fd) {}

    // The next command, as "get k", "set k value" or "cas k 7 value"; nothing at the end of the
    // stream. Bytes that are no command are "?".
    std::optional<std::string> next();
    void say(std::string_view bytes);
    // One byte a segment.
    void say_slowly(std::string_view bytes);
    // With a reset, so that the other side cannot take it for an orderly end.
    void reset();
    void hang_up();
    // Until the other side, or the test, ends the connection.
    void stay_silent();

    int fd() const { return socket_.get(); }

  private:
    Descriptor socket_;
    std::string received_;
};

class FakeNode {
  public:
    using Script = std::function<void(FakeSession&)>;

    // Runs the script for each connection, in a thread of its own; the connection ends with it.
    explicit FakeNode(Script script);
    ~FakeNode();
    FakeNode(const FakeNode&) = delete;
    FakeNode& operator=(const FakeNode&) = delete;

    std::uint16_t port() const { return port_; }
    int connections() const { return connections_; }

  private:
    void accept_all();

    Script script_;
    Descriptor listener_;
    std::uint16_t port_ = 0;
    std::atomic<int> connections_{0};
    std::mutex mutex_;
    bool ending_ = false;              // guarded by mutex_
    std::list<FakeSession> sessions_;  // guarded by mutex_; the sessions themselves are not
    std::vector<std::thread> threads_;
    std::thread acceptor_;
};

// What a node was asked, in order; safe across threads.
class Transcript {
  public:
    void add(std::string line);
    std::vector<std::string> lines() const;
    int count(std::string_view line) const;

  private:
    mutable std::mutex mutex_;
    std::vector<std::string> lines_;
};

// A script that answers each command with what `answer` makes of it; an empty answer is silence.
FakeNode::Script answering(std::function<std::string(const std::string&)> answer);

// Different ports on which nobody listens.
std::vector<std::uint16_t> dead_ports(std::size_t count);
std::uint16_t dead_port();

// A leader with a memory: set, get, getm, cas and delete as the protocol has them, without expiry.
class FakeStore {
  public:
    std::string answer(const std::string& command);

  private:
    struct Value {
        std::uint64_t version = 0;
        std::string bytes;
    };
    std::mutex mutex_;
    std::uint64_t index_ = 1;
    std::map<std::string, Value> values_;
};

}  // namespace raftkv::test
