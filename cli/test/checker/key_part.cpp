#include "cli/test/checker/key_part.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "cli/test/checker/version_order.hpp"
#include "common/check.hpp"

namespace raftkv::test {
namespace {

bool found_a_value(const Operation& op) {
    return op.reads() && op.outcome == Outcome::ok;
}

// Has no place in any order, or says nothing that one could be held to.
bool is_of_no_account(const Operation& op) {
    return op.outcome == Outcome::not_done || (op.reads() && op.outcome == Outcome::unknown);
}

KeyOperation make(const Operation& op) {
    const bool is_known = op.outcome != Outcome::unknown;
    RAFTKV_CHECK(!is_known || op.start <= op.end);
    KeyOperation made;
    made.operation = &op;
    made.from = op.start;
    made.until = is_known ? op.end : Instant::max();
    if (op.puts() && op.outcome == Outcome::ok) made.version = op.version;
    made.may_be_left_out = !is_known;
    return made;
}

std::vector<KeyPart> group(const History& history) {
    std::vector<KeyPart> keys;
    std::unordered_map<std::string_view, std::size_t> places;
    for (const Operation& op : history) {
        if (is_of_no_account(op)) continue;
        const auto [place, is_new] = places.emplace(op.key, keys.size());
        if (is_new) keys.push_back({op.key, {}, nullptr, false});
        keys[place->second].operations.push_back(make(op));
    }
    std::sort(keys.begin(), keys.end(),
              [](const KeyPart& a, const KeyPart& b) { return a.name < b.name; });
    for (KeyPart& key : keys) {
        std::stable_sort(key.operations.begin(), key.operations.end(),
                         [](const auto& a, const auto& b) { return a.from < b.from; });
    }
    return keys;
}

// The puts of one value.
struct Writers {
    std::uint32_t first = nobody;
    std::uint32_t count = 0;
    std::uint32_t unknown = nobody;
};

using WritersByValue = std::unordered_map<std::uint64_t, Writers>;

WritersByValue writers_of(const KeyPart& key) {
    WritersByValue writers;
    for (std::uint32_t i = 0; i < key.operations.size(); ++i) {
        const Operation& op = key.operations[i].op();
        const bool may_have_written = op.outcome == Outcome::ok || op.outcome == Outcome::unknown;
        if (!op.puts() || !may_have_written) continue;
        Writers& entry = writers[op.fingerprint];
        if (entry.count++ == 0) entry.first = i;
        if (op.outcome == Outcome::unknown) entry.unknown = i;
    }
    return writers;
}

// Ties each read to its writer, and learns from the reads what became of unknown writes.
void connect_reads(KeyPart& key) {
    const WritersByValue writers = writers_of(key);
    for (KeyOperation& read : key.operations) {
        if (!found_a_value(read.op())) continue;
        const auto found = writers.find(read.op().fingerprint);
        if (found == writers.end()) continue;
        const Writers& entry = found->second;
        if (entry.count > 1) {
            if (entry.unknown != nobody) key.ambiguous = key.operations[entry.unknown].operation;
            continue;
        }
        read.writer = entry.first;
        KeyOperation& writer = key.operations[entry.first];
        ++writer.readers;
        writer.may_be_left_out = false;
        writer.until = std::min(writer.until, read.until);
        if (writer.version == 0) writer.version = read.op().version;
    }
}

// That a version had been given by the end of `operation`; `put` when that is the write itself.
struct Proof {
    std::uint64_t version;
    const Operation* operation;
    KeyOperation* put;
};

std::vector<Proof> proofs_of(std::vector<KeyPart>& keys) {
    std::vector<Proof> proofs;
    for (KeyPart& key : keys) {
        for (KeyOperation& it : key.operations) {
            const Operation& op = it.op();
            if (op.puts() && it.version != 0) proofs.push_back({it.version, &op, &it});
            if (!found_a_value(op)) continue;
            std::uint64_t version = op.version;
            if (version == 0 && it.writer != nobody) {
                version = key.operations[it.writer].version;
            }
            if (version != 0) proofs.push_back({version, &op, nullptr});
        }
    }
    std::stable_sort(proofs.begin(), proofs.end(),
                     [](const Proof& a, const Proof& b) { return a.version < b.version; });
    return proofs;
}

std::optional<VersionClash> find_reused(const std::vector<Proof>& proofs) {
    const Proof* last_put = nullptr;
    for (const Proof& proof : proofs) {
        if (proof.put == nullptr) continue;
        if (last_put != nullptr && last_put->version == proof.version) {
            return VersionClash{VersionClash::Kind::reused, last_put->operation, proof.operation,
                                proof.version, proof.version};
        }
        last_put = &proof;
    }
    return std::nullopt;
}

VersionClash clash_of(const Proof& known, const Proof& given_later) {
    const auto kind = known.version == given_later.version ? VersionClash::Kind::before_written
                                                           : VersionClash::Kind::backwards;
    return {kind, known.operation, given_later.operation, known.version, given_later.version};
}

// Of all proofs of this version and those above, the one that ended first.
std::vector<const Proof*> first_known(const std::vector<Proof>& proofs) {
    std::vector<const Proof*> first(proofs.size());
    const Proof* earliest = nullptr;
    for (std::size_t i = proofs.size(); i-- > 0;) {
        // The end of a write without an answer says nothing.
        const bool counts = proofs[i].operation->outcome == Outcome::ok;
        if (counts &&
            (earliest == nullptr || proofs[i].operation->end < earliest->operation->end)) {
            earliest = &proofs[i];
        }
        first[i] = earliest;
    }
    // Those of one version tell of each other, too.
    for (std::size_t i = 1; i < proofs.size(); ++i) {
        if (proofs[i].version == proofs[i - 1].version) first[i] = first[i - 1];
    }
    return first;
}

// Narrows the spans of all puts whose versions are known.
std::optional<VersionClash> narrow(std::vector<Proof>& proofs) {
    const std::vector<const Proof*> first = first_known(proofs);
    const Proof* last_begun = nullptr;
    for (std::size_t i = 0; i < proofs.size(); ++i) {
        KeyOperation* put = proofs[i].put;
        if (put == nullptr) continue;
        if (last_begun == nullptr || last_begun->operation->start < put->from) {
            last_begun = &proofs[i];
        }
        put->from = last_begun->operation->start;
        if (first[i] == nullptr) continue;
        put->until = std::min(put->until, first[i]->operation->end);
        if (put->until < put->from) return clash_of(*first[i], *last_begun);
    }
    return std::nullopt;
}

// A value that was read before the one unknown put that could have written it.
std::optional<VersionClash> find_unwritten(const std::vector<KeyPart>& keys) {
    for (const KeyPart& key : keys) {
        for (const KeyOperation& read : key.operations) {
            if (read.writer == nobody) continue;
            const KeyOperation& writer = key.operations[read.writer];
            if (read.until < writer.op().start) {
                return VersionClash{VersionClash::Kind::before_written, read.operation,
                                    writer.operation, 0, 0};
            }
        }
    }
    return std::nullopt;
}

}  // namespace

Parts take_apart(const History& history) {
    Parts parts;
    parts.keys = group(history);
    for (KeyPart& key : parts.keys) connect_reads(key);

    std::vector<Proof> proofs = proofs_of(parts.keys);
    std::vector<std::uint64_t> versions;
    versions.reserve(proofs.size());
    for (const Proof& proof : proofs) versions.push_back(proof.version);
    parts.versions = KnownVersions(std::move(versions));

    parts.clash = find_unwritten(parts.keys);
    if (!parts.clash) parts.clash = find_reused(proofs);
    if (!parts.clash) parts.clash = narrow(proofs);
    if (parts.clash) return parts;
    for (KeyPart& key : parts.keys) key.is_impossible = !narrow_by_versions(key);
    return parts;
}

}  // namespace raftkv::test
