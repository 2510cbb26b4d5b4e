#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "node/kv/snapshot.hpp"
#include "node/kv/store.hpp"

namespace raftkv::server {

// GET /dump: all live keys with their values as lines of JSON, as of one moment, while the node
// goes on. The first line tells the moment:
//   {"dump":1,"applied":812,"clock_ms":1764000000000,"keys_at_most":2}
// then one for each key, in no order that means anything:
//   {"key":"arun","value":"my name is arun","version":7,"exptime":60,"remaining":42}
// `value_base64` instead of `value` when it is no UTF-8; `remaining` are the seconds that are left
// from clock_ms on, the time when the dump began, rounded up; missing when the key has no end. The
// last line says that nothing is missing:
//   {"keys":2,"state_hash":"0123456789abcdef"}
//
// GET /state: the same state for comparing nodes, hashes in place of the values. The first line
// says how many others there are:
//   {"applied":812,"clock_ms":1764000000000,"keys":1,"state_hash":"0123456789abcdef"}
//   {"key":"arun","version":7,"exptime":60,"deadline_ms":1764000042000,"numbytes":15,
//    "value_hash":"0123456789abcdef"}
enum class DumpForm : std::uint8_t { values, hashes };

class DumpLines {
  public:
    enum class Outcome {
        more,  // lines were appended; or none, and it was time to let others run
        end,   // there are none left
        cut,   // the rest can't be had; what was appended is a line {"error":"..."} that says why
    };

    // Begins with what is in `store` now, which is at `time` of the cluster's clock; as long as the
    // store exists. Its state hash must be at hand if the form is hashes.
    DumpLines(const kv::Store& store, DumpForm form, ClusterMs time);

    Outcome next(std::string& lines);

  private:
    void append_lines(std::string& lines);
    void append_header(std::string& lines) const;

    void append_item(const kv::snapshot::Item& item, std::string& lines);

    const kv::Store& store_;
    const DumpForm form_;
    const ClusterMs time_;
    const std::size_t keys_at_most_;
    kv::StoreReader reader_;
    const std::uint64_t state_hash_;
    std::string chunk_;
    std::optional<kv::snapshot::Header> header_;
    std::uint64_t keys_ = 0;
};

}  // namespace raftkv::server
