package dev.bert4j.hub;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Asks a hub for files, one try a call. Redirects are followed here and not by Java's client, because the token must
 * not go along to another host.
 */
final class HubClient implements AutoCloseable {
    private static final int MAX_REDIRECTS = 10;

    private final HubSettings settings;
    private final HttpClient http;

    HubClient(HubSettings settings) {
        this.settings = settings;
        // HTTP/1.1: one large body a connection is what it is best at, and no server is asked to upgrade.
        http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(settings.patience().timeout()).followRedirects(HttpClient.Redirect.NEVER).build();
    }

    /**
     * What the hub says of a file.
     *
     * @throws TransientException if a later try may succeed
     * @throws HubException if the hub refuses, or says what cannot be
     */
    RemoteFile head(RepoId repo, String revision, String file) throws IOException {
        HttpResponse<InputStream> answer = send("HEAD", uri(repo, revision, file), 0);
        answer.body().close();
        if (!isRedirect(answer.statusCode())) {
            Answers.requireSuccess(answer, settings, repo, revision, file);
        }
        return Answers.remoteFile(answer, settings, repo, file);
    }

    /**
     * The content of a file, from a byte on if the server can do so. The caller closes the body.
     *
     * @return an answer with status 200 (the whole), 206 (from that byte on) or 416 (there is nothing from there on)
     * @throws TransientException if a later try may succeed
     * @throws HubException if the hub refuses
     */
    HttpResponse<InputStream> get(RepoId repo, RemoteFile file, long from) throws IOException {
        HttpResponse<InputStream> answer = send("GET", uri(repo, file.commit(), file.name()), from);
        int status = answer.statusCode();
        if (status != 200 && (from == 0 || status != 206 && status != 416)) {
            answer.body().close();
            Answers.requireSuccess(answer, settings, repo, file.commit(), file.name());
            throw Answers.unexpected(answer, settings, repo, file.name());
        }
        return answer;
    }

    private URI uri(RepoId repo, String revision, String file) {
        String path = Arrays.stream(file.split("/")).map(HubClient::encoded).collect(Collectors.joining("/"));
        return URI.create(settings.endpoint() + "/" + repo.name() + "/resolve/" + encoded(revision) + "/" + path);
    }

    private static String encoded(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Follows every redirect of a GET, and those of a HEAD that lead to the answer. */
    private HttpResponse<InputStream> send(String method, URI start, long from) throws IOException {
        URI uri = start;
        boolean atHome = true;
        for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
            HttpResponse<InputStream> answer = exchange(method, uri, from, atHome);
            String location = answer.headers().firstValue("Location").orElse(null);
            if (!isRedirect(answer.statusCode()) || location == null) {
                return answer;
            }
            URI next = uri.resolve(address(location, uri));
            if (method.equals("HEAD") && isAnswer(answer, location, next)) {
                return answer;
            }
            answer.body().close();
            if (next.getHost() == null || "https".equals(uri.getScheme()) && !"https".equals(next.getScheme())) {
                throw new HubException(HubException.Reason.WRONG_ANSWER, uri.getHost() + " redirects to \""
                        + next.getScheme() + "\", but only https may follow https.");
            }
            // Once away it stays away: whoever was redirected to must not get the token by pointing back.
            atHome = atHome && origin(uri).equals(origin(next));
            uri = next;
        }
        throw new HubException(HubException.Reason.WRONG_ANSWER,
                start.getHost() + " redirects more than " + MAX_REDIRECTS + " times for " + start.getPath() + ".");
    }

    /**
     * Whether a redirect says all that there is to know, rather than where the model of that name is now. Other hosts
     * know nothing of commits.
     */
    private static boolean isAnswer(HttpResponse<?> redirect, String location, URI next) throws HubException {
        return address(location, redirect.uri()).getRawAuthority() != null
                && (redirect.headers().firstValue("X-Repo-Commit").isPresent()
                || !origin(next).equals(origin(redirect.uri())));
    }

    private static URI address(String location, URI from) throws HubException {
        try {
            return URI.create(location);
        } catch (IllegalArgumentException e) {
            // Without the address itself and without the cause, which quotes it: it may be signed.
            throw new HubException(HubException.Reason.WRONG_ANSWER,
                    from.getHost() + " redirects to what is no address.");
        }
    }

    private HttpResponse<InputStream> exchange(String method, URI uri, long from, boolean atHome) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(settings.patience().timeout()).header("Accept-Encoding", "identity")
                .header("User-Agent", "bert4j");
        if (from > 0) {
            request.header("Range", "bytes=" + from + "-");
        }
        if (atHome && settings.token() != null) {
            request.header("Authorization", "Bearer " + settings.token());
        }
        try {
            return http.send(request.build(), BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("The download was interrupted.");
        } catch (IOException e) {
            throw new TransientException(words(e, uri), e);
        }
    }

    private String words(IOException e, URI uri) {
        String host = uri.getHost();
        boolean unknown = e.getCause() instanceof UnresolvedAddressException
                || e.getCause() != null && e.getCause().getCause() instanceof UnresolvedAddressException;
        return switch (e) {
            case HttpConnectTimeoutException _ -> "there was no connection to " + host + " within " + seconds();
            case HttpTimeoutException _ -> host + " did not answer within " + seconds();
            case ConnectException _ when unknown -> "the host " + host + " is not known here";
            case ConnectException _ -> "no connection to " + host + " could be made";
            default -> "the connection to " + host + " failed (" + e.getMessage() + ")";
        };
    }

    private String seconds() {
        return settings.patience().timeout().toMillis() / 1e3 + " s";
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    private static String origin(URI uri) {
        int standard = "https".equals(uri.getScheme()) ? 443 : 80;
        return uri.getScheme() + "://" + uri.getHost() + ":" + (uri.getPort() < 0 ? standard : uri.getPort());
    }

    @Override
    public void close() {
        // Not close(), which would wait for whatever a broken connection still has to say.
        http.shutdownNow();
    }
}
