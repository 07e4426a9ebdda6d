package io.github.pgmanaged.conninfo;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads {@code postgres[ql]://[user[:password]@][host[:port]][/dbname][?keyword=value&...]}. */
final class ConnInfoUri {
    private ConnInfoUri() {}

    static Map<String, String> parse(String text) {
        String uri = text.strip();
        String rest;
        if (uri.startsWith("postgres://")) {
            rest = uri.substring("postgres://".length());
        } else if (uri.startsWith("postgresql://")) {
            rest = uri.substring("postgresql://".length());
        } else {
            throw new InvalidConnInfoException("the connection string must begin with postgres://, postgresql://"
                    + " or jdbc:postgresql: (libpq's keyword=value form is not understood yet)");
        }
        Map<String, String> values = new LinkedHashMap<>();
        int query = rest.indexOf('?');
        String parameters = query < 0 ? "" : rest.substring(query + 1);
        String path = query < 0 ? rest : rest.substring(0, query);
        int slash = path.indexOf('/');
        authority(slash < 0 ? path : path.substring(0, slash), values);
        if (slash >= 0) {
            put(values, "dbname", path.substring(slash + 1));
        }
        if (query >= 0) {
            parameters(parameters, values);
        }
        return values;
    }

    /** Whether part of a password may have been taken for something else, because it holds a special character. */
    static boolean mayMistakeUserInfo(String uri) {
        int authority = uri.indexOf("//");
        return authority >= 0 && uri.indexOf('@', authority) > firstOf(uri, authority + 2);
    }

    private static int firstOf(String uri, int from) {
        int slash = uri.indexOf('/', from);
        int query = uri.indexOf('?', from);
        int first = slash < 0 ? query : query < 0 ? slash : Math.min(slash, query);
        return first < 0 ? Integer.MAX_VALUE : first;
    }

    static InvalidConnInfoException unencodedUserInfo() {
        return new InvalidConnInfoException(
                "the user information of the connection URI cannot be understood; percent-encode"
                        + " the characters @ / ? : and % in it (it is not shown, since it may hold a password)");
    }

    private static void authority(String authority, Map<String, String> values) {
        int at = authority.indexOf('@');
        if (authority.indexOf('@', at + 1) > at && at >= 0) {
            throw unencodedUserInfo();
        }
        if (at >= 0) {
            String userInfo = authority.substring(0, at);
            int colon = userInfo.indexOf(':');
            put(values, "user", colon < 0 ? userInfo : userInfo.substring(0, colon));
            if (colon >= 0) {
                put(values, "password", userInfo.substring(colon + 1));
            }
        }
        hostAndPort(authority.substring(at + 1), values);
    }

    private static void hostAndPort(String hostAndPort, Map<String, String> values) {
        if (hostAndPort.indexOf(',') >= 0) {
            throw new InvalidConnInfoException("more than one host in a connection URI is not understood yet");
        }
        int colon = hostAndPort.indexOf(':');
        String host = colon < 0 ? hostAndPort : hostAndPort.substring(0, colon);
        if (hostAndPort.startsWith("[")) {
            int bracket = hostAndPort.indexOf(']');
            if (bracket < 0) {
                throw new InvalidConnInfoException(
                        "end of string reached when looking for matching \"]\" in IPv6 host address in URI");
            }
            host = hostAndPort.substring(1, bracket);
            colon = bracket + 1 < hostAndPort.length() ? bracket + 1 : -1;
            if (colon >= 0 && hostAndPort.charAt(colon) != ':') {
                throw new InvalidConnInfoException("unexpected character \"" + hostAndPort.charAt(colon)
                        + "\" after the IPv6 host address in URI (expected \":\" or \"/\")");
            }
        }
        put(values, "host", host);
        if (colon >= 0) {
            put(values, "port", hostAndPort.substring(colon + 1));
        }
    }

    private static void parameters(String parameters, Map<String, String> values) {
        for (String parameter : parameters.split("&", -1)) {
            int equals = parameter.indexOf('=');
            if (equals < 0) {
                throw new InvalidConnInfoException("missing key/value separator \"=\" in URI query parameter");
            }
            if (parameter.indexOf('=', equals + 1) >= 0) {
                throw new InvalidConnInfoException("extra key/value separator \"=\" in URI query parameter: \""
                        + decode(parameter.substring(0, equals)) + '"');
            }
            String key = decode(parameter.substring(0, equals));
            String value = decode(parameter.substring(equals + 1));
            if (key.equals("ssl") && value.equals("true")) {
                values.put("sslmode", "require");
            } else {
                values.put(key, value);
            }
        }
    }

    private static void put(Map<String, String> values, String keyword, String encoded) {
        if (!encoded.isEmpty()) {
            values.put(keyword, decode(encoded));
        }
    }

    /** Percent-decodes; {@code +} is itself, as in libpq. The text is not quoted in errors: it may be a password. */
    private static String decode(String encoded) {
        if (encoded.indexOf('%') < 0) {
            return encoded;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length());
        byte[] raw = encoded.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < raw.length; i++) {
            if (raw[i] != '%') {
                bytes.write(raw[i]);
                continue;
            }
            int high = i + 1 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
            int low = i + 2 < raw.length ? Character.digit(raw[i + 2], 16) : -1;
            if (high < 0 || low < 0) {
                throw new InvalidConnInfoException("invalid percent-encoded token in the connection URI");
            }
            if (high == 0 && low == 0) {
                throw new InvalidConnInfoException("forbidden value %00 in percent-encoded value");
            }
            bytes.write(high << 4 | low);
            i += 2;
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
