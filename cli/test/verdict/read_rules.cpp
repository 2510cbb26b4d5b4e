#include <fmt/format.h>

#include "cli/test/verdict/rules.hpp"

namespace raftkv::test {
namespace {

bool was_refused(const Operation& write) {
    return write.outcome != Outcome::ok && write.outcome != Outcome::unknown;
}

// Who wrote it, if that is possible at all.
const Operation* judge_origin(const KeyTimeline& key, const Operation& read, Instant epoch,
                              std::vector<Anomaly>& found) {
    const Operation* writer = key.writer_of(read.fingerprint);
    if (writer == nullptr || writer->start > read.end) {
        found.push_back({AnomalyKind::unwritten_value,
                         fmt::format("{} returned a value that nobody had written to this key",
                                     describe(read, epoch))});
        return nullptr;
    }
    if (was_refused(*writer)) {
        found.push_back({AnomalyKind::refused_write,
                         fmt::format("{} returned the value of {}, which had been refused",
                                     describe(read, epoch), describe(*writer, epoch))});
        return nullptr;
    }
    return writer;
}

void judge_metadata(const KeyTimeline& key, const Operation& read, const Operation& writer,
                    Instant epoch, std::vector<Anomaly>& found) {
    if (read.op != protocol::Op::getm) return;
    const std::uint64_t version = key.version_of(writer);
    if (version != read.version) {
        found.push_back(
            {AnomalyKind::wrong_version,
             fmt::format("{} returned version {} with the value that {} wrote as {}",
                         describe(read, epoch), read.version, describe(writer, epoch), version)});
    }
    if (writer.exptime_s != read.exptime_s) {
        found.push_back({AnomalyKind::wrong_version,
                         fmt::format("{} returned exptime {} with the value that {} wrote with {}",
                                     describe(read, epoch), read.exptime_s, describe(writer, epoch),
                                     writer.exptime_s)});
    }
}

void judge_freshness(const KeyTimeline& key, const Operation& read, const Operation& writer,
                     Instant epoch, std::vector<Anomaly>& found) {
    const std::uint64_t version = key.version_of(writer);
    const KeyTimeline::Proof newest = key.newest_proof_before(read.start);
    if (version != 0 && newest.version > version) {
        found.push_back(
            {AnomalyKind::stale_read,
             fmt::format("{} returned version {}, after {} had version {}", describe(read, epoch),
                         version, describe(*newest.by, epoch), newest.version)});
        return;
    }
    if (const Operation* del = key.delete_between(writer, read.start)) {
        found.push_back(
            {AnomalyKind::stale_read,
             fmt::format("{} returned the value of {}, after {} had removed it",
                         describe(read, epoch), describe(writer, epoch), describe(*del, epoch))});
        return;
    }
    if (key.expired_by(writer, read.start)) {
        found.push_back(
            {AnomalyKind::expired_read,
             fmt::format("{} returned the value of {}, which was to expire after {} s",
                         describe(read, epoch), describe(writer, epoch), writer.exptime_s)});
    }
}

}  // namespace

void judge_absence(const KeyTimeline& key, const Operation& absence, AnomalyKind kind,
                   Instant epoch, std::vector<Anomaly>& found) {
    for (const Operation* put :
         {key.newest_put_before(absence.start), key.last_put_before(absence.start)}) {
        if (put == nullptr || key.can_be_gone(*put, absence.end)) continue;
        found.push_back({kind, fmt::format("{} found the key absent, although {} was acknowledged "
                                           "and nothing has removed it",
                                           describe(absence, epoch), describe(*put, epoch))});
        return;
    }
}

void judge_reads(const KeyTimeline& key, Instant epoch, std::vector<Anomaly>& found) {
    for (const Operation* read : key.operations()) {
        if (!read->reads()) continue;
        if (read->outcome == Outcome::absent) {
            judge_absence(key, *read, AnomalyKind::lost_write, epoch, found);
        }
        if (read->outcome != Outcome::ok) continue;
        const Operation* writer = judge_origin(key, *read, epoch, found);
        if (writer == nullptr) continue;
        judge_metadata(key, *read, *writer, epoch, found);
        judge_freshness(key, *read, *writer, epoch, found);
    }
}

}  // namespace raftkv::test
