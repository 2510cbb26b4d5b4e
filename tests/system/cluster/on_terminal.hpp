#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "tests/system/cluster/bed.hpp"

namespace raftkv::system_test {

// `raftkv <words>` on a terminal of its own, in the folder of the cluster.
class OnTerminal {
  public:
    OnTerminal(const Bed& bed, const Words& words, bool color);
    // Of another raftkv than the bed's.
    OnTerminal(const std::string& program, const Bed& bed, const Words& words, bool color);
    OnTerminal(const OnTerminal&) = delete;
    OnTerminal& operator=(const OnTerminal&) = delete;
    ~OnTerminal();

    // Waits until the text has come; what came before it is forgotten.
    bool shows(std::string_view text);
    const std::string& seen();
    void type(char key) { type(std::string_view(&key, 1)); }
    void type(std::string_view keys);
    void resize(unsigned short rows, unsigned short columns);
    int exit_code();

  private:
    void take();

    int terminal_ = -1;
    pid_t pid_ = -1;
    bool ended_ = false;
    std::string seen_;
};

}  // namespace raftkv::system_test
