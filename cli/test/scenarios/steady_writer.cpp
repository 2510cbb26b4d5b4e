#include "cli/test/scenarios/steady_writer.hpp"

#include <fmt/format.h>

#include <string>

namespace raftkv::test {
namespace {

constexpr std::uint64_t writes_per_read = 4;

}  // namespace

SteadyWriter::SteadyWriter(RecordingClient& client, std::uint32_t number, std::size_t value_bytes)
    : client_(client), number_(number), value_bytes_(value_bytes), versions_(keys, 0) {}

Result<void> SteadyWriter::turn() {
    const std::size_t key = turns_++ % keys;
    if (auto written = write(key); !written) return written;
    return turns_ % writes_per_read == 0 ? look(key) : Result<void>{};
}

Result<void> SteadyWriter::write(std::size_t key) {
    std::uint64_t& version = versions_[key];
    const std::string name = fmt::format("c{}-{}", number_, key);
    const auto done = version == 0 ? client_.set(name, 0, value_bytes_)
                                   : client_.cas(name, version, 0, value_bytes_);
    if (!done) return done.error();
    if (done->outcome == Outcome::ok) version = done->version;
    // What became of it only the key itself can tell.
    return done->outcome == Outcome::ok ? Result<void>{} : look(key);
}

Result<void> SteadyWriter::look(std::size_t key) {
    const auto read = client_.getm(fmt::format("c{}-{}", number_, key));
    if (!read) return read.error();
    if (read->outcome == Outcome::ok) versions_[key] = read->version;
    if (read->outcome == Outcome::absent) versions_[key] = 0;
    return {};
}

}  // namespace raftkv::test
