#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/result.hpp"

namespace boost::asio {
class io_context;
}
namespace boost::asio::ip {
class tcp;
template <class Protocol>
class basic_endpoint;
}  // namespace boost::asio::ip

namespace raftkv::server {

using Endpoints = std::vector<boost::asio::ip::basic_endpoint<boost::asio::ip::tcp>>;

// Looks up one host name. A name server that does not answer holds getaddrinfo() for half a minute,
// so that runs in a thread of its own, which is left behind when nobody waits for it any more: Asio
// has one for all names.
class NameLookup {
  public:
    using OnFound = std::function<void(Result<Endpoints>)>;

    // For listening (`passive`) or connecting.
    NameLookup(boost::asio::io_context& io, std::string host, std::uint16_t port, bool passive);
    ~NameLookup();

    // `on_found` is called once, on the io_context's thread, unless this is destroyed before. While
    // a look-up is under way another one is not begun: its result is for the latest caller.
    void begin(OnFound on_found);
    // Waits; nothing when that takes longer.
    std::optional<Result<Endpoints>> wait(std::chrono::milliseconds timeout);

  private:
    struct State;
    std::shared_ptr<State> state_;  // shared with the thread
};

// What is said of a name that does not resolve, again and again, at growing intervals.
class NameReports {
  public:
    explicit NameReports(std::string host) : host_(std::move(host)) {}
    void failed(const std::string& reason);
    void found();

  private:
    const std::string host_;
    std::chrono::steady_clock::time_point next_{};
    std::chrono::seconds interval_{0};  // 0: nothing to report
};

}  // namespace raftkv::server
