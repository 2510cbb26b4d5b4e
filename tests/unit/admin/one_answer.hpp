#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <utility>

namespace raftkv::cli {

// Answers one connection with fixed bytes, whatever it is asked, and then waits for its end, or
// ends it.
class OneAnswer {
  public:
    enum class Then { wait, close };

    explicit OneAnswer(std::string answer, Then then = Then::wait)
        : then_(then), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::listen(listener_, 1), 0);
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port = ntohs(address.sin_port);
        thread_ = std::thread([this, answer = std::move(answer)] { serve(answer); });
    }
    ~OneAnswer() {
        ::shutdown(listener_, SHUT_RDWR);  // ends an accept() that nobody came for
        thread_.join();
        ::close(listener_);
    }

    std::uint16_t port = 0;
    std::string request;  // read it when the answer is there

  private:
    void serve(const std::string& answer) {
        int client = ::accept(listener_, nullptr, nullptr);
        if (client < 0) return;
        char buffer[4096];
        ssize_t count = ::recv(client, buffer, sizeof buffer, 0);
        if (count > 0) request.assign(buffer, static_cast<std::size_t>(count));
        ::send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
        if (then_ == Then::close) ::shutdown(client, SHUT_WR);
        while (::recv(client, buffer, sizeof buffer, 0) > 0) {
        }
        ::close(client);
    }

    const Then then_;
    int listener_;
    std::thread thread_;
};

}  // namespace raftkv::cli
