#include "node/server/stream_buffers.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace raftkv::server {
namespace {

class StreamBuffers : public testing::Test {
  protected:
    StreamBuffers() {
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets_.data()), 0);
    }
    ~StreamBuffers() override {
        ::close(sockets_[0]);
        ::close(sockets_[1]);
    }

    void say(std::string_view bytes) {
        ASSERT_EQ(::write(sockets_[1], bytes.data(), bytes.size()),
                  static_cast<ssize_t>(bytes.size()));
    }
    std::string hear() {
        std::array<char, 65536> buffer;
        ssize_t count = ::read(sockets_[1], buffer.data(), buffer.size());
        return count > 0 ? std::string(buffer.data(), static_cast<std::size_t>(count)) : "";
    }

    std::array<int, 2> sockets_{};
    std::array<char, 16> scratch_{};
};

TEST_F(StreamBuffers, an_unparsed_rest_is_offered_again_with_what_follows) {
    InputBuffer input;
    say("get a\nget");
    ASSERT_EQ(input.fill(sockets_[0], scratch_), InputBuffer::Fill::more);
    input.consume(6);
    input.settle();
    scratch_.fill('x');  // other connections use it
    EXPECT_EQ(input.pending(), "get");
    say(" b\n");
    ASSERT_EQ(input.fill(sockets_[0], scratch_), InputBuffer::Fill::more);
    EXPECT_EQ(input.pending(), "get b\n");
    input.consume(6);
    input.settle();
    EXPECT_EQ(input.pending(), "");
}

TEST_F(StreamBuffers, says_when_there_is_nothing_and_when_it_is_over) {
    InputBuffer input;
    EXPECT_EQ(input.fill(sockets_[0], scratch_), InputBuffer::Fill::nothing);
    ::shutdown(sockets_[1], SHUT_WR);
    EXPECT_EQ(input.fill(sockets_[0], scratch_), InputBuffer::Fill::end);
}

TEST_F(StreamBuffers, what_the_socket_does_not_take_waits_and_keeps_its_order) {
    OutputBuffer output;
    std::string all;
    for (int i = 0; all.size() < (2u << 20); ++i) all += std::to_string(i) + ",";
    output.tail() += all;
    EXPECT_EQ(output.flush(sockets_[0]), OutputBuffer::Flush::blocked);
    EXPECT_GT(output.unsent(), 0u);
    std::string heard;
    while (heard.size() < all.size()) {
        std::string piece = hear();
        ASSERT_FALSE(piece.empty());
        heard += piece;
        ASSERT_NE(output.flush(sockets_[0]), OutputBuffer::Flush::broken);
    }
    EXPECT_EQ(heard, all);
    EXPECT_EQ(output.flush(sockets_[0]), OutputBuffer::Flush::done);
}

TEST_F(StreamBuffers, notices_that_nobody_listens) {
    OutputBuffer output;
    ::close(sockets_[1]);
    output.tail() += "OK 1\r\n";
    EXPECT_EQ(output.flush(sockets_[0]), OutputBuffer::Flush::broken);
    sockets_[1] = ::dup(sockets_[0]);
}

}  // namespace
}  // namespace raftkv::server
