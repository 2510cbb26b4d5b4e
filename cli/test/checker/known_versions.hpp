#pragma once

#include <cstdint>
#include <vector>

namespace raftkv::test {

// Every version that the history tells of, on whatever key. A version is given once: what a write
// of unknown version was given is none of these.
class KnownVersions {
  public:
    KnownVersions() = default;
    explicit KnownVersions(std::vector<std::uint64_t> versions);

    bool contains(std::uint64_t version) const;
    // The smallest one above `version` that is none of these; 0 when there is none.
    std::uint64_t next_free(std::uint64_t version) const;

  private:
    std::vector<std::uint64_t> versions_;  // rising
    std::vector<std::uint64_t> run_end_;   // beside each: the end of the gapless run that it is in
};

}  // namespace raftkv::test
