#include "cli/client/byte_input.hpp"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <string_view>

#include "common/descriptor.hpp"

namespace raftkv::cli::client {
namespace {

// A pipe with something in it.
class Pipe {
  public:
    explicit Pipe(std::string_view bytes) {
        int ends[2];
        EXPECT_EQ(::pipe(ends), 0);
        out_ = Descriptor(ends[0]);
        in_ = Descriptor(ends[1]);
        EXPECT_EQ(::write(in_.get(), bytes.data(), bytes.size()),
                  static_cast<ssize_t>(bytes.size()));
    }
    int fd() const { return out_.get(); }
    void close() { in_ = Descriptor(); }

  private:
    Descriptor out_;
    Descriptor in_;
};

TEST(ByteInput, LinesAreThereBeforeTheEndIs) {
    const Pipe pipe("one\n\ntwo\r\nhalf");
    ByteInput input(pipe.fd(), -1);
    std::string line;
    ASSERT_TRUE(*input.read_line(line, 100));
    EXPECT_EQ(line, "one");
    ASSERT_TRUE(*input.read_line(line, 100));
    EXPECT_EQ(line, "");
    ASSERT_TRUE(*input.read_line(line, 100));
    EXPECT_EQ(line, "two\r");
}

TEST(ByteInput, ALastLineNeedsNoEnd) {
    Pipe pipe("one\ntwo");
    pipe.close();
    ByteInput input(pipe.fd(), -1);
    std::string line;
    EXPECT_TRUE(*input.read_line(line, 100));
    EXPECT_TRUE(*input.read_line(line, 100));
    EXPECT_EQ(line, "two");
    EXPECT_FALSE(*input.read_line(line, 100));
}

TEST(ByteInput, AnEndlessLineIsRefused) {
    const Pipe pipe("0123456789");
    ByteInput input(pipe.fd(), -1);
    std::string line;
    const auto read = input.read_line(line, 9);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().kind, ErrorKind::usage);
}

TEST(ByteInput, ReadsAllUpToALimit) {
    Pipe pipe("0123456789");
    pipe.close();
    EXPECT_EQ(*ByteInput(pipe.fd(), -1).read_all(10), "0123456789");
    Pipe longer("0123456789");
    longer.close();
    EXPECT_EQ(ByteInput(longer.fd(), -1).read_all(9).error().kind, ErrorKind::usage);
}

TEST(ByteInput, CancellingEndsAWait) {
    const Pipe pipe("");
    const Descriptor cancel(::eventfd(1, EFD_CLOEXEC));
    ByteInput input(pipe.fd(), cancel.get());
    std::string line;
    EXPECT_EQ(input.read_line(line, 100).error().kind, ErrorKind::interrupted);
    EXPECT_EQ(input.read_all(100).error().kind, ErrorKind::interrupted);
}

TEST(ByteInput, WhatCannotBeReadIsAnIoError) {
    EXPECT_EQ(ByteInput(1000, -1).read_all(100).error().kind, ErrorKind::io);
}

}  // namespace
}  // namespace raftkv::cli::client
