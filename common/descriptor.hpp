#pragma once

#include <unistd.h>

#include <utility>

namespace raftkv {

// A file descriptor that is closed when its owner goes.
class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
    // What was held before is closed at once.
    Descriptor& operator=(Descriptor&& other) noexcept {
        if (this != &other) {
            close();
            fd_ = other.release();
        }
        return *this;
    }
    ~Descriptor() { close(); }

    int get() const { return fd_; }
    bool ok() const { return fd_ >= 0; }
    // To whoever closes it from now on.
    int release() { return std::exchange(fd_, -1); }

  private:
    void close() {
        if (ok()) ::close(fd_);
    }

    int fd_ = -1;
};

}  // namespace raftkv
