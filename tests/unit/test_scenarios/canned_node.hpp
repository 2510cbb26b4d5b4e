#pragma once

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace raftkv::test {

// A server on a free port of 127.0.0.1 that answers each command line with the next of its canned
// replies, and is silent when they are used up. One connection at a time.
class CannedNode {
  public:
    explicit CannedNode(std::vector<std::string> replies);
    ~CannedNode();
    CannedNode(const CannedNode&) = delete;
    CannedNode& operator=(const CannedNode&) = delete;

    std::uint16_t port() const { return port_; }

  private:
    void serve();
    void serve_connection(int connection);

    std::vector<std::string> replies_;
    std::size_t next_ = 0;  // of the serving thread
    int listener_ = -1;
    int stop_ = -1;  // an eventfd
    std::uint16_t port_ = 0;
    std::thread thread_;
};

}  // namespace raftkv::test
