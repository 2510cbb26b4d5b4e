#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

// What is tried with bytes that nobody chose. Each function takes any bytes and throws Wrong when
// the code that it tries broke a promise; the sanitizers see to the rest.

namespace raftkv::fuzz {

struct Wrong final : std::logic_error {
    using std::logic_error::logic_error;
};

// In words: what always holds.
inline void always(bool holds, const char* what) {
    if (!holds) {
        throw Wrong(std::string("does not hold: ") + what);
    }
}

void try_protocol(std::string_view input);
void try_peer_frames(std::string_view input);
void try_log_recovery(std::string_view input);
void try_config(std::string_view input);
void try_texts(std::string_view input);
void try_snapshot_files(std::string_view input);
void try_members(std::string_view input);

}  // namespace raftkv::fuzz
