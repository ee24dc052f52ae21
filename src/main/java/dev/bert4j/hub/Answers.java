package dev.bert4j.hub;

import dev.bert4j.hub.HubException.Reason;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Set;

/** What the status and the headers of a hub's answer mean. */
final class Answers {
    /** Overload and trouble inside: a time-out of the request, too many requests, and what 5xx stand for. */
    private static final Set<Integer> TRANSIENT = Set.of(408, 429, 500, 502, 503, 504);

    private Answers() {
    }

    /**
     * Does nothing for a success.
     *
     * @throws TransientException for what may be over soon
     * @throws HubException for any other failure, each in its own words
     */
    static void requireSuccess(HttpResponse<?> answer, HubSettings settings, RepoId repo, String revision, String file)
            throws IOException {
        int status = answer.statusCode();
        if (status >= 200 && status < 300) {
            return;
        }
        String hub = settings.endpoint();
        String model = "\"" + repo.name() + "\"";
        throw switch (answer.headers().firstValue("X-Error-Code").orElse("")) {
            case "RepoNotFound" -> new HubException(Reason.REPOSITORY_NOT_FOUND, hub + " has no model " + model
                    + ", or it is private: check the name" + (settings.token() == null
                    ? ", or give a token that may read it (HF_TOKEN)." : ", and whether the token may read it."));
            case "RevisionNotFound" -> new HubException(Reason.REVISION_NOT_FOUND, "The model " + model + " at " + hub
                    + " has no revision \"" + revision + "\": it must be a branch, a tag or a full commit hash of it.");
            case "EntryNotFound" -> new HubException(Reason.ENTRY_NOT_FOUND, "The model " + model + " at " + hub
                    + " has no file " + file + " in its revision \"" + revision + "\".");
            case "GatedRepo" -> new HubException(Reason.GATED, "The model " + model + " is gated: ask for access at "
                    + hub + "/" + repo.name() + (settings.token() == null
                    ? ", then give a token of that account (HF_TOKEN)." : ", with the account that the token is of."));
            default -> other(answer, settings, repo, file);
        };
    }

    private static IOException other(HttpResponse<?> answer, HubSettings settings, RepoId repo, String file) {
        int status = answer.statusCode();
        String host = answer.uri().getHost();
        if (TRANSIENT.contains(status)) {
            return new TransientException(host + " answered with status " + status
                    + (status == 429 ? ", too many requests" : ""), retryAfter(answer.headers()));
        }
        if (status == 401) {
            return new HubException(Reason.UNAUTHORIZED, settings.token() == null
                    ? settings.endpoint() + " wants a token for the model \"" + repo.name() + "\": give one (HF_TOKEN)."
                    : settings.endpoint() + " does not accept the token: check that it is still valid and may read \""
                    + repo.name() + "\".");
        }
        if (status == 403) {
            return new HubException(Reason.GATED, host + " refuses access to " + file + " of \"" + repo.name()
                    + "\" (status 403): the model may be gated, or the token may not read it.");
        }
        return unexpected(answer, settings, repo, file);
    }

    /** For an answer that is none of those that a hub gives. */
    static HubException unexpected(HttpResponse<?> answer, HubSettings settings, RepoId repo, String file) {
        return new HubException(Reason.WRONG_ANSWER, answer.uri().getHost() + " answered with status "
                + answer.statusCode() + " for " + file + " of \"" + repo.name() + "\", which is no answer of a "
                + "model hub; the endpoint is " + settings.endpoint() + ".");
    }

    /** Seconds or a date; null where there is none or it is neither. */
    private static Duration retryAfter(HttpHeaders headers) {
        String value = headers.firstValue("Retry-After").orElse("").strip();
        try {
            if (value.matches("\\d{1,9}")) {
                return Duration.ofSeconds(Integer.parseInt(value));
            }
            ZonedDateTime date = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME);
            Duration pause = Duration.between(ZonedDateTime.now(date.getZone()), date);
            return pause.isNegative() ? Duration.ZERO : pause;
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    /** What the headers say of a file. */
    static RemoteFile remoteFile(HttpResponse<?> answer, HubSettings settings, RepoId repo, String file)
            throws HubException {
        HttpHeaders headers = answer.headers();
        String commit = headers.firstValue("X-Repo-Commit").orElse("");
        if (!RemoteFile.isCommit(commit)) {
            throw wrong(settings, repo, file, "names no commit (X-Repo-Commit): either it is no model hub, or a "
                    + "proxy drops headers.");
        }
        String etag = headers.firstValue("X-Linked-Etag").or(() -> headers.firstValue("ETag")).orElse("").strip();
        etag = etag.startsWith("W/") ? etag.substring(2) : etag;
        etag = etag.length() > 1 && etag.startsWith("\"") && etag.endsWith("\"") ? etag.substring(1, etag.length() - 1)
                : etag;
        if (!RemoteFile.isEtag(etag)) {
            throw wrong(settings, repo, file,
                    etag.isEmpty() ? "gives no ETag." : "gives an ETag that cannot name a file.");
        }
        // The length of a redirect's own body says nothing of the file.
        String length = headers.firstValue("X-Linked-Size").orElse(answer.statusCode() >= 300 ? ""
                : headers.firstValue("Content-Length").orElse(""));
        if (!length.isEmpty() && !length.matches("\\d{1,18}")) {
            throw wrong(settings, repo, file, "gives a size that is none.");
        }
        return new RemoteFile(file, commit, etag, length.isEmpty() ? -1 : Long.parseLong(length));
    }

    private static HubException wrong(HubSettings settings, RepoId repo, String file, String fault) {
        return new HubException(Reason.WRONG_ANSWER,
                "For " + file + " of \"" + repo.name() + "\" " + settings.endpoint() + " " + fault);
    }
}
