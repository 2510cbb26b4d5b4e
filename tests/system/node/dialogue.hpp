#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace raftkv::system_test {

// One TCP connection to a port of this machine, byte for byte.
class Dialogue {
  public:
    // Fails the test when nobody listens.
    explicit Dialogue(std::uint16_t port);
    Dialogue(Dialogue&& other) noexcept;
    Dialogue& operator=(Dialogue&&) = delete;
    ~Dialogue();

    // True when the other side took all of it within the limit.
    bool say(std::string_view bytes, std::chrono::milliseconds limit = std::chrono::seconds(10));
    void finish_sending();
    // As many bytes as `expected` has: compare them. Fewer when no more come within the limit.
    std::string hear(std::size_t count, std::chrono::milliseconds limit = std::chrono::seconds(10));
    // Everything up to the end of the connection.
    std::string hear_all(std::chrono::milliseconds limit = std::chrono::seconds(10));
    // What one read gives: the reply that was sent in one write.
    std::string hear_once();
    // Says, and hears what is as long as `expected`.
    std::string ask(std::string_view bytes, std::string_view expected);
    // The first line that comes, without its end.
    std::string line();
    // Whether the other side has closed or reset the connection.
    bool ended(std::chrono::milliseconds limit = std::chrono::seconds(10));

  private:
    bool wait(short events, std::chrono::steady_clock::time_point deadline) const;

    int fd_;
    bool end_seen_ = false;
};

}  // namespace raftkv::system_test
