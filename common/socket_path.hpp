#pragma once

#include <filesystem>
#include <string>

namespace raftkv {

// Another way to name a Unix socket: its address has room for 108 bytes, and data folders may lie
// deeper than that. Valid as long as this object lives.
class SocketPath {
  public:
    explicit SocketPath(const std::filesystem::path& socket);
    SocketPath(const SocketPath&) = delete;
    SocketPath& operator=(const SocketPath&) = delete;
    ~SocketPath();

    const std::string& text() const { return text_; }

  private:
    int folder_ = -1;
    std::string text_;
};

}  // namespace raftkv
