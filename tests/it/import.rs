//! `spsim import` of every format: what becomes of good records, bad ones and wrong files.

use assert_cmd::Command;
use std::io::Write;

/// Exit code, stdout and stderr of an import of `input` from stdin.
fn import(args: &[&str], input: impl Into<Vec<u8>>) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spsim"));
    let (format, flags) = args.split_first().expect("a format");
    command.args(["import", format, "-"]).args(flags);
    let output = command.write_stdin(input).output().expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().expect("it exits");
    (code, text(output.stdout), text(output.stderr))
}

/// The trace of a good input.
#[track_caller]
fn trace(args: &[&str], input: impl Into<Vec<u8>>) -> String {
    let (code, stdout, stderr) = import(args, input);
    assert_eq!(code, 0, "{stderr}");
    stdout
        .strip_prefix("time_s,group,duration_s,keep_alive\n")
        .expect("a header")
        .to_owned()
}

#[track_caller]
fn check_told(args: &[&str], input: impl Into<Vec<u8>>, expected: &[&str]) {
    let (code, _, stderr) = import(args, input);
    assert_eq!(code, 0, "{stderr}");
    for line in expected {
        assert!(stderr.contains(line), "{line}\nin\n{stderr}");
    }
}

/// What is said of an input that is refused.
#[track_caller]
fn refused(args: &[&str], input: impl Into<Vec<u8>>) -> String {
    let (code, stdout, stderr) = import(args, input);
    assert_eq!((code, stdout.as_str()), (3, ""), "{stderr}");
    stderr
}

const APACHE: &str = "\
10.0.0.1 - ann [22/Nov/2026:07:20:43 +0000] \
            \"GET /a?x=1 HTTP/1.1\" 200 512 \"-\" \"curl/8 (x)\" 250000
10.0.0.2 - - [22/Nov/2026:08:20:44 +0100] \
            \"POST /b HTTP/1.1\" 201 - \"http://h/\" \"a \\\"b\\\"\" 1500
10.0.0.1 - ann [22/Nov/2026:07:20:53 +0000] \"GET /a HTTP/1.0\" 304 0 \"-\" \"-\" 3000000
";

#[test]
fn apache_stamps_arrivals() {
    assert_eq!(
        trace(&["apache", "--log-format", "combined-D"], APACHE),
        "0.0,10.0.0.1,0.25,true\n1.0,10.0.0.2,0.0015,true\n10.0,10.0.0.1,3.0,true\n"
    );
    assert_eq!(
        trace(&["apache", "--group", "user"], APACHE).lines().next(),
        Some("0.0,ann,,true")
    );
    assert_eq!(
        trace(&["apache", "--group", "url"], APACHE).lines().next(),
        Some("0.0,/a,,true")
    );
    check_told(
        &["apache", "--log-format", "combined-D"],
        APACHE,
        &[
            "stdin: 3 requests, 0 lines skipped",
            "note: read as combined-D: `%h` is the client, `%u` is the user, `%t` is the time, \
             `%r` is the URL, `%D` is the duration, in microseconds",
            "first      2026-11-22T07:20:43Z",
            "span       10s",
            "rate       0.300 requests/s",
            "burstiness 0.889 (variance / mean of the requests per second; Poisson has 1)",
            "groups     2 distinct",
            "durations  min 1.5ms, median 250ms, p99 3s, max 3s",
        ],
    );
}

/// A line of Apache's combined format with `tail` behind it.
fn combined(tail: &str) -> String {
    format!("a - - [22/Nov/2026:07:20:43 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"x (y)\"{tail}\n")
}

#[test]
fn a_number_whose_unit_nobody_says_is_no_duration() {
    // As large as microseconds, milliseconds or seconds: size decides nothing.
    for times in [
        ["0", "1", "2"],
        ["20", "30", "400"],
        ["150000", "151000", "9"],
    ] {
        let log = times.map(|time| combined(&format!(" {time}"))).concat();
        assert_eq!(trace(&["apache"], log.clone()), "0.0,a,,true\n".repeat(3));
        check_told(
            &["apache"],
            log.clone(),
            &[
                "the number at the end may be that of combined-D or of combined-T",
                "say `--log-format`",
            ],
        );
        let first = |flags: &[&str]| {
            let found = trace(&[&["apache"], flags].concat(), log.clone());
            found.lines().next().map(str::to_owned)
        };
        let millis: u64 = times[0].parse().expect("a number");
        let expected = format!("0.0,a,{:?},true", millis as f64 / 1_000.0);
        assert_eq!(first(&["--duration-unit", "ms"]), Some(expected));
        let named = first(&["--log-format", "combined-D"]);
        let spelled =
            r#"LogFormat "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-agent}i\" %D" timed"#;
        assert_eq!(named, first(&["--log-format", spelled]));
        assert_eq!(named, first(&["--duration-unit", "us"]));
    }
    let both = ["0/1500", "0/2500", "1/1200000"]
        .map(|it| combined(&format!(" {it}")))
        .concat();
    assert_eq!(
        trace(&["apache"], both),
        "0.0,a,0.0015,true\n0.0,a,0.0025,true\n0.0,a,1.2,true\n"
    );
    check_told(
        &["apache"],
        combined(""),
        &["the format has no request time: durations are empty"],
    );
    // Bytes received and sent.
    check_told(
        &["apache"],
        combined(" 400 1300"),
        &["read as combinedio", "durations  unknown"],
    );
}

#[test]
fn a_format_is_read_whole_or_not_at_all() {
    for (tail, reason) in [
        (" 0.1 0.2 0.3 x", "fits no format that is known"),
        (
            " \"only\" \"quoted\" \"words\"",
            "fits no format that is known",
        ),
    ] {
        let said = refused(&["nginx"], combined(tail));
        assert!(
            said.contains(reason) && said.contains("--log-format"),
            "{said}"
        );
    }
    let mixed = [combined(""), combined(" \"10.0.0.9\"")].concat();
    let said = refused(&["nginx"], mixed);
    assert!(
        said.contains("has lines of two formats, combined and main"),
        "{said}"
    );
    for (format, problem) in [
        ("combinedX", "neither a format"),
        ("%h %u", "the format has no time"),
        ("%h%u %t", "nothing stands between `%h` and `%u`"),
        ("%h %t %Z", "`%Z` is no directive that can be read"),
        ("%h %t %{x", "is not closed"),
        ("$remote_addr ${x", "is not closed"),
    ] {
        let (code, _, said) = import(&["apache", "--log-format", format], combined(""));
        assert!(code == 2 && said.contains(problem), "{problem}\nin\n{said}");
    }
}

#[test]
fn virtual_hosts_and_proxies_are_not_the_client() {
    let tail = "- - [22/Nov/2026:07:20:43 +0000] \"GET / HTTP/1.1\" 200 1 \"-\"";
    for (line, group, by) in [
        (
            format!("shop.example 10.0.0.7 {tail} \"x\""),
            "10.0.0.7",
            "client",
        ),
        (
            format!("shop.example:443 10.0.0.7 {tail} \"x\""),
            "10.0.0.7",
            "client",
        ),
        (
            format!("10.0.0.7 {tail} \"198.51.100.4, 10.0.0.1\" \"x\""),
            "198.51.100.4",
            "forwarded",
        ),
        (
            format!("10.0.0.7 {tail} \"x\" \"198.51.100.4\""),
            "198.51.100.4",
            "forwarded",
        ),
    ] {
        let found = trace(&["apache", "--group", by], format!("{line}\n"));
        assert_eq!(found, format!("0.0,{group},,true\n"), "{line}");
    }
    let iis = "#Fields: date time c-ip time-taken X-Forwarded-For\n\
               2026-11-28 12:00:00 10.0.0.7 100 198.51.100.4:50000,+10.0.0.1\n";
    assert_eq!(
        trace(&["iis", "--group", "forwarded"], iis),
        "0.0,198.51.100.4,0.1,true\n"
    );
    check_told(
        &["iis"],
        iis,
        &["`--group forwarded` takes the client before it"],
    );
}

#[test]
fn nginx_stamps_answers() {
    let two = [combined(" 1.500 1.499 ."), combined(" 0.250 - p")].concat();
    assert_eq!(trace(&["nginx"], two), "0.0,a,1.5,true\n1.25,a,0.25,true\n");
    for (tail, millis) in [
        (" rt=0.250 uct=\"0.1\" urt=\"0.2, 0.3\"", "0.25"),
        (" urt=0.020 rt=0.250", "0.25"),
        (" 1795332043.123 0.250", "0.25"),
        (" \"198.51.100.4\" 0.250", "0.25"),
        (" \"2.10\"", ""),
    ] {
        assert_eq!(
            trace(&["nginx"], combined(tail)),
            format!("0.0,a,{millis},true\n"),
            "{tail}"
        );
    }
    check_told(
        &["nginx"],
        combined(" rt=0.250"),
        &[
            "`$time_local` is the time",
            "`$request_time` is the duration, in seconds",
        ],
    );
    let declared =
        "log_format x escape=json '[$time_iso8601] $remote_addr '\n  '${request_time}s';";
    let line = "[2026-11-22T07:20:43+00:00] 10.0.0.1 0.250s\n";
    assert_eq!(
        trace(&["nginx", "--log-format", declared], line),
        "0.0,10.0.0.1,0.25,true\n"
    );
}

#[test]
fn load_balancers_of_aws_tell_when_a_request_came() {
    let alb = "https 2026-11-28T12:00:01Z app/lb/1 203.0.113.1:2817 192.0.2.1:80 \
               0.001 0.100 -1 200 200 34 366 \"GET https://h:443/a HTTP/1.1\" \"c\" ECDHE \
               TLSv1.2 arn \"Root=1\" \"h\" \"arn\" 0 \
               2026-11-28T12:00:00.5Z \"forward\" \"-\" \"-\"\n";
    assert_eq!(trace(&["alb"], alb), "0.0,203.0.113.1,0.101,true\n");
    check_told(&["alb"], alb, &["first      2026-11-28T12:00:00.5Z"]);
    let elb = "2026-11-28T12:00:01Z lb [2001:db8::1]:2817 192.0.2.1:80 \
               0.001 0.100 0.002 200 200 0 29 \"GET http://h:80/ HTTP/1.1\" \"c\" - -\n";
    assert_eq!(trace(&["elb"], elb), "0.0,2001:db8::1,0.103,true\n");
    check_told(&["elb"], elb, &["first      2026-11-28T12:00:01Z"]);
}

#[test]
fn w3c_logs_are_told_apart_by_their_columns() {
    let cloudfront = "#Version: 1.0\n#Fields: date time x-edge-location c-ip time-taken\n\
                      2026-11-28\t12:00:01\tFRA2\t203.0.113.1\t0.250\n";
    assert_eq!(
        trace(&["cloudfront"], cloudfront),
        "0.0,203.0.113.1,0.25,true\n"
    );
    check_told(&["iis"], cloudfront, &["`time-taken` is seconds"]);
    let advanced = "#Software: IIS Advanced Logging Module\n\
                    #Fields: date time c-ip cs(User-Agent) TimeTakenMS\n\
                    2026-11-28 12:00:01.5 203.0.113.1 \"Mozilla 5 (x)\" 250\n";
    assert_eq!(trace(&["iis"], advanced), "0.0,203.0.113.1,0.25,true\n");
    let http_err = "#Fields: date time c-ip cs-method cs-uri s-reason\n\
                    2026-11-28 12:00:01 203.0.113.1 - - Timer_ConnectionIdle\n\
                    2026-11-28 12:00:02 203.0.113.1 GET /a QueueFull\n";
    assert_eq!(trace(&["iis"], http_err), "0.0,203.0.113.1,,true\n");
    check_told(
        &["iis"],
        http_err,
        &["1 lines tell of a connection that ended"],
    );
    let ftp = "#Fields: date time c-ip cs-method x-session\n2026-11-28 12:00:01 h USER s\n";
    assert!(refused(&["iis"], ftp).contains("FTP"), "named");
    let firewall = "#Fields: date time action protocol src-ip dst-ip\n";
    assert!(
        refused(&["iis"], firewall).contains("Windows firewall"),
        "named"
    );
}

#[test]
fn load_tests_count_each_request_once() {
    let k6 = "metric_name,timestamp,metric_value,url\nhttp_reqs,1795867200,1.0,u\n\
              http_req_duration,1795867200,120.5,u\nhttp_req_waiting,1795867200,119,u\n";
    assert_eq!(trace(&["k6"], k6), "0.0,,0.1205,true\n");
    assert_eq!(trace(&["csv"], k6), "0.0,,0.1205,true\n");
    check_told(
        &["k6"],
        k6,
        &["2 rows of other metrics than `http_req_duration`"],
    );
    let json = "{\"type\":\"Metric\",\"metric\":\"http_req_duration\",\"data\":{}}\n\
                {\"metric\":\"http_reqs\",\
                 \"type\":\"Point\",\"data\":{\"time\":\"2026-11-28T12:00:01Z\",\"value\":1}}\n\
                {\"metric\":\"http_req_duration\",\
                 \"type\":\"Point\",\
                 \"data\":{\"time\":\"2026-11-28T12:00:01Z\",\"value\":120.5}}\n";
    assert_eq!(trace(&["k6"], json), "0.0,,0.1205,true\n");
    for (format, log) in [
        ("jmeter", "timeStamp,elapsed,label\n1795867200000,250,a\n"),
        (
            "locust",
            "timestamp,request_type,name,response_time\n1795867200.25,GET,/,250\n",
        ),
        (
            "hey",
            "response-time,DNS+dialup,status-code,offset\n0.25,0,200,1.5\n",
        ),
        (
            "csv",
            "starttime\tseconds\tctime\tdtime\tttime\twait\nSat\t1795867200\t1\t249\t250\t1\n",
        ),
        (
            "app-service",
            "TimeGenerated [UTC],CsMethod,CIp,TimeTaken\n2026-11-28T12:00:01Z,GET,h,250\n",
        ),
        (
            "csv",
            "timestamp,success,resultCode,duration\n2026-11-28T12:00:01Z,True,200,250\n",
        ),
    ] {
        let found = trace(&[format], log);
        assert!(found.ends_with(",0.25,true\n"), "{format}: {found}");
    }
    let history = "Timestamp,User Count,Type,Name,Requests/s\n1,2,,Aggregated,3\n";
    assert!(refused(&["locust"], history).contains("Locust's history of statistics"));
    assert!(
        refused(&["csv"], history).contains("Locust's history"),
        "named"
    );
    assert!(
        refused(&["k6"], "a,b\n1,2\n").contains("is not results of k6"),
        "named"
    );
    let asked = refused(&["csv"], "time,duration\n1,120\n");
    assert!(
        asked.contains("does not say the unit of `duration`: say `--duration-unit"),
        "{asked}"
    );
}

#[test]
fn json_lines_are_known_or_declared() {
    for (log, expected) in [
        (
            r#"{"time_local":"22/Nov/2026:07:20:43 +0000","remote_addr":"h","request_time":"0.25"}"#,
            "0.0,h,0.25",
        ),
        (
            r#"{"msec":"1795332043.500","remote_addr":"h","request_time":0.25}"#,
            "0.0,h,0.25",
        ),
        (
            r#"{"level":"info","ts":1795332043.5,"request":{"remote_ip":"h"},"duration":0.25}"#,
            "0.0,h,0.25",
        ),
        (
            r#"{"@t":"2026-11-22T07:20:43.5Z","RequestPath":"/","Elapsed":250.0}"#,
            "0.0,,0.25",
        ),
        (
            concat!(
                r#"{"Timestamp":"2026-11-22T07:20:43Z","State":{"ElapsedMilliseconds":250},"#,
                r#""Category":"Microsoft.AspNetCore.Hosting.Diagnostics"}"#
            ),
            "0.0,,0.25",
        ),
        (
            r#"{"StartUTC":"2026-11-22T07:20:43Z","ClientHost":"h","Duration":250000000}"#,
            "0.0,h,0.25",
        ),
    ] {
        let other = r#"{"message":"started"}"#;
        let found = trace(
            &["json-lines"],
            format!(
                "{other}
{log}
"
            ),
        );
        assert_eq!(
            found,
            format!(
                "{expected},true
"
            ),
            "{log}"
        );
    }
    let own = r#"{"when":"2026-11-22T07:20:43Z","took":250,"who":{"ip":"h:80"}}"#;
    let said = refused(
        &["json-lines"],
        format!(
            "{own}
"
        ),
    );
    assert!(
        said.contains("--fields") && said.contains("`took`"),
        "{said}"
    );
    let fields = "time@start=when,duration=took:ms,group=who.ip";
    assert_eq!(
        trace(
            &["json-lines", "--fields", fields],
            format!(
                "{own}
"
            )
        ),
        "0.0,h,0.25,true
"
    );
    for fields in [
        "duration=took:ms",
        "time=when,duration=took",
        "time",
        "x=y,time=when",
    ] {
        assert_eq!(
            import(&["json-lines", "--fields", fields], "{}").0,
            2,
            "{fields}"
        );
    }
}

#[test]
fn a_har_leaves_out_what_used_no_connection() {
    let entry = |url: &str, more: &str| {
        format!(
            r#"{{"startedDateTime":"2026-11-22T07:20:43Z","request":{{"url":"{url}"}},{more}}}"#
        )
    };
    let sent =
        r#""time":250,"timings":{"send":0,"wait":250,"receive":0},"response":{"status":200}"#;
    let entries = [
        entry("https://h/a", sent),
        entry(
            "https://h/b",
            r#""time":250,"timings":{"send":0,"wait":0,"receive":0},"response":{"status":200}"#,
        ),
        entry(
            "https://h/c",
            r#""_fromCache":"disk","time":1,"response":{"status":200}"#,
        ),
        entry(
            "data:image/png;base64,AA",
            r#""time":1,"response":{"status":200}"#,
        ),
        entry("https://ads/x", r#""time":1,"response":{"status":0}"#),
        entry(
            "wss://h/hub",
            r#""time":60000,"timings":{"send":0,"wait":20,"receive":0},"response":{"status":101}"#,
        ),
        entry("https://other:8443/d", sent),
    ];
    let har = format!(
        r#"{{"log":{{"version":"1.2","entries":[{}]}}}}"#,
        entries.join(",")
    );
    let all = trace(&["har"], har.clone());
    assert_eq!(all.matches("0.0,,0.25,true").count(), 3, "{all}");
    assert!(
        all.contains("0.0,,60.0,true"),
        "a websocket holds its connection: {all}"
    );
    check_told(
        &["har"],
        har.clone(),
        &[
            "1 `data:` URLs and the like, 1 answered from the cache, 1 blocked",
            "`h` (3), `other` (1)",
        ],
    );
    assert_eq!(
        trace(&["har", "--host", "other"], har),
        "0.0,,0.25,true
"
    );
}

#[test]
fn bad_lines_of_a_log_are_counted_and_named() {
    let log = [
        APACHE.as_bytes(),
        b"10.0.0.9 - - [22/Nov/2026:07:20:40 +0000] \"GET /\xe9 HTTP/1.1\" 200 1 \"-\" \"-\" 100\n",
        b"10.0.0.9 - - [22/Nov/2026:07:20:40 +0000] \"GET /\xe9 HTTP/1.1\" 200 1 \"-\" \"-\" 100\n",
        b"garbage\n\n10.0.0.9 - - [22/Nov/2026:99:20:40 +0000] \"GET /\" 200 1\n",
        b"10.0.0.9 - - [22/Nov/2026:07:20:41 +0000] \"GET / HT",
    ]
    .concat();
    check_told(
        &["apache", "--group", "url"],
        log,
        &[
            "stdin: 5 requests, 3 lines skipped",
            "skipped line 6: ` ` is expected at `garbage`",
            "skipped line 8: `22/Nov/2026:99:20:40 +0000` is not DD/Mon/YYYY:HH:MM:SS (`%t`)",
            "skipped line 9: `\" ` is expected at `GET / HT`",
            "note: 1 line earlier than the one before: sorted (first: line 4)",
            "note: 1 line equal to an earlier one: kept as requests (first: line 5)",
            "note: 2 lines not in UTF-8: their groups are read as Latin-1 (first: line 4)",
            "note: line 9: the last line has no end, it may be cut",
        ],
    );
}

const HAR: &str = r#"{"log": {"version": "1.2", "pages": [{"id": "p"}], "entries": [
  {"startedDateTime": "2026-11-22T07:20:43.250+01:00", "time": 120.5,
   "request": {"method": "GET", "url": "https://h/a/b?c=1", "headers": []},
   "response": {"status": 200, "headers": [{"name": "Connection", "value": "close"}],
                "content": {"text": "x"}}},
  {"startedDateTime": "yesterday", "time": 1, "request": {"url": "https://h/"}},
  {"startedDateTime": "2026-11-22T06:20:43Z", "time": -1, "request": {"url": "https://h/c"}}
], "comment": ""}}"#;

#[test]
fn a_har_streams_its_entries() {
    assert_eq!(trace(&["har"], HAR), "0.0,,,true\n0.25,,0.1205,false\n");
    let by_url = trace(&["har", "--group", "url"], HAR);
    assert_eq!(by_url, "0.0,/c,,true\n0.25,/a/b,0.1205,false\n");
    check_told(
        &["har"],
        HAR,
        &[
            "stdin: 2 requests, 1 entry skipped",
            "skipped entry 2: `startedDateTime` `yesterday` is not ISO 8601",
            "note: 1 entry earlier than the one before: sorted (first: entry 3)",
        ],
    );
}

#[test]
fn a_har_that_ends_early_gives_what_it_has() {
    let cut = &HAR[..HAR.len() - 60];
    check_told(
        &["har"],
        cut,
        &[
            "1 request",
            "it ends or breaks after entry 2: EOF while parsing",
        ],
    );
    assert!(refused(&["har"], "{\"log\": {}}").contains("`entries` is missing"));
    assert!(refused(&["har"], "a,b\n").starts_with("error: stdin holds no request of a HAR\n"));
    let deep = format!("{{\"log\": {{\"x\": {}", "[".repeat(100_000));
    assert!(refused(&["har"], deep).contains("EOF while parsing"));
}

#[test]
fn a_csv_is_read_by_its_names() {
    let csv = "Timestamp;user;elapsed_ms;KeepAlive\n\
               2026-11-22 07:20:43.5;ann;120;true\n\
               2026-11-22 07:20:43.0;\"b;c\";;no\n";
    assert_eq!(
        trace(&["csv", "--group-column", "user"], csv),
        "0.0,b;c,,false\n0.5,ann,0.12,true\n"
    );
    check_told(
        &["csv"],
        csv,
        &[
            "note: columns: time from `Timestamp`, duration from `elapsed_ms`, keep-alive from \
             `KeepAlive`",
            "note: durations are milliseconds, by the column's name",
            "note: times are read as ISO 8601, by the first: `2026-11-22 07:20:43.5`",
        ],
    );
}

#[test]
fn every_kind_of_time_is_read() {
    for (times, flags) in [
        ("0.5\n2.25\n", &[][..]),
        ("1795332043.5\n1795332045.25\n", &[]),
        ("1795332043500\n1795332045250\n", &[]),
        (
            "2026-11-22T07:20:43.5Z\n2026-11-22T08:20:45.25+01:00\n",
            &[],
        ),
        (
            "2026-11-22 09:20:43.5\n2026-11-22T07:20:45.25Z\n",
            &["--time-zone", "+02:00"],
        ),
        ("500\n2250\n", &["--time-format", "epoch-ms"]),
    ] {
        let args = [&["csv", "--time-column", "when"], flags].concat();
        let found = trace(&args, format!("when\n{times}"));
        assert_eq!(found, "0.0,,,true\n1.75,,,true\n", "{times}");
    }
    let twice_as_fast = trace(&["csv", "--speed-up", "2"], "time,duration_us\n1,5\n3,7\n");
    assert_eq!(twice_as_fast, "0.0,,0.000005,true\n1.0,,0.000007,true\n");
}

#[test]
fn bad_rows_of_a_csv_are_counted_and_named() {
    check_told(
        &["csv", "--duration-unit", "s"],
        "time,duration\n1,2\nx,2\n2\n3,-1\n4,1,1\n1,2\n0,5",
        &[
            "stdin: 3 requests, 4 lines skipped",
            "skipped line 3: time `x` is not a number of seconds",
            "skipped line 4: 1 field, the header has 2",
            "skipped line 5: duration `-1` is not a number of seconds",
            "skipped line 6: 3 fields, the header has 2",
            "note: 1 line earlier than the one before: sorted (first: line 8)",
            "note: 1 line equal to an earlier one: kept as requests (first: line 7)",
            "note: the last line has no end, it may be cut",
        ],
    );
}

#[test]
fn thinning_is_a_matter_of_the_seed() {
    let log: Vec<String> = (0..10_000).map(|number| number.to_string()).collect();
    let log = format!("time\n{}\n", log.join("\n"));
    let once = trace(&["csv", "--thin", "0.1"], log.clone());
    assert_eq!(
        once,
        trace(&["csv", "--thin", "0.1", "--seed", "1"], log.clone())
    );
    assert_ne!(
        once,
        trace(&["csv", "--thin", "0.1", "--seed", "2"], log.clone())
    );
    let kept = once.lines().count();
    assert!(
        (900..1_100).contains(&kept),
        "{kept}: a tenth, within three deviations of 30"
    );
    check_told(
        &["csv", "--thin", "0.1"],
        log.clone(),
        &["note: thinned with probability 0.1: "],
    );
    let all = trace(&["csv", "--thin", "1"], log.clone());
    assert_eq!(all.lines().count(), 10_000);
    let none = refused(&["csv", "--thin", "0.000000001"], log);
    assert!(none.contains("no request is left of 10000"), "{none}");
}

#[test]
fn a_file_of_the_wrong_kind_is_named() {
    let perfmon = "\"(PDH-CSV 4.0) (UTC)(0)\",\"\\\\H\\TCPv4\\Connections Established\"\n";
    let ss = "State Recv-Q Send-Q Local Address:Port Peer Address:Port\n";
    let iis = "#Software: Microsoft Internet Information Services 10.0\n";
    for (format, input, expected) in [
        (
            "apache",
            perfmon,
            "it looks like a Perfmon CSV: use `spsim diagnose`",
        ),
        (
            "csv",
            perfmon,
            "it looks like a Perfmon CSV: use `spsim diagnose`",
        ),
        (
            "nginx",
            ss,
            "it looks like a snapshot of `ss` or `netstat`: use `spsim diagnose`",
        ),
        (
            "apache",
            iis,
            "it looks like an IIS W3C extended log: use `spsim import iis`",
        ),
        (
            "har",
            APACHE,
            "it looks like an Apache or nginx access log: use `spsim import apache`",
        ),
        (
            "iis",
            APACHE,
            "it looks like an Apache or nginx access log: use `spsim import apache`",
        ),
        ("apache", HAR, "it looks like a HAR: use `spsim import har`"),
        (
            "csv",
            "a,b\n1,2\n",
            "has no column of times by name: say `--time-column`",
        ),
        ("nginx", "", "stdin holds no request of an nginx access log"),
        ("har", "", "stdin holds no request of a HAR"),
        ("csv", "", "stdin holds no request of a CSV of requests"),
    ] {
        let said = refused(&[format], input);
        assert!(said.contains(expected), "{expected}\nin\n{said}");
    }
    let said = refused(&["csv", "--time-column", "when"], "a,b\n1,2\n");
    assert_eq!(said, "error: stdin has no column `when`: it has `a`, `b`\n");
}

#[test]
fn wrong_flags_are_wrong_usage() {
    for args in [
        &["apache", "--duration-unit", "days"][..],
        &["nginx", "--thin", "0"],
        &["nginx", "--thin", "1.5"],
        &["csv", "--time-zone", "CET"],
        &["csv", "--delimiter", "ab"],
        &["har", "--group", "user"],
    ] {
        let (code, stdout, stderr) = import(args, "");
        assert_eq!((code, stdout.as_str()), (2, ""), "{args:?}: {stderr}");
    }
}

#[test]
fn gzip_is_seen_and_a_bomb_stops_at_the_bound() {
    let pack = |bytes: &[u8]| {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(bytes).expect("memory");
        gz.finish().expect("memory")
    };
    assert_eq!(
        trace(&["apache"], pack(APACHE.as_bytes())),
        trace(&["apache"], APACHE)
    );
    // A line that never ends, 64 MiB in a few hundred kilobytes: the record bound stops it.
    let bomb = pack(&vec![b'0'; 1 << 26]);
    assert!(bomb.len() < 1 << 20, "it is small");
    assert_eq!(
        refused(&["csv"], bomb.clone()),
        "error: stdin has a line longer than 1 MiB\n"
    );
    assert!(refused(&["apache"], bomb).contains("line 1: longer than 64 KiB"));
}

#[test]
fn wide_text_is_read_as_what_it_says() {
    let wide = |text: &str| {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect::<Vec<u8>>()
    };
    for (format, text) in [
        ("apache", APACHE),
        ("har", HAR),
        ("csv", "time,duration_s\n1,2\n"),
    ] {
        assert_eq!(
            trace(&[format], wide(text)),
            trace(&[format], text),
            "{format}"
        );
    }
}

#[test]
fn a_damaged_gzip_gives_what_stands_before_the_damage() {
    let mut lines = String::new();
    for number in 0..20_000 {
        let (hour, minute, second) = (number / 3600, number / 60 % 60, number % 60);
        let time = format!("22/Nov/2026:{hour:02}:{minute:02}:{second:02} +0000");
        let line = format!("10.0.0.{minute} - - [{time}] \"GET /{number}\" 200 1\n");
        lines += &line;
    }
    let pack = |text: &str| {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(text.as_bytes()).expect("memory");
        gz.finish().expect("memory")
    };
    let whole = pack(&lines);
    // Two members make one log.
    let (one, other) = lines.split_at(lines.len() / 2 + 1);
    let two = [pack(one), pack(other)].concat();
    assert_eq!(trace(&["apache"], two), trace(&["apache"], whole.clone()));
    for damaged in [
        whole[..whole.len() * 2 / 3].to_vec(),
        [&whole[..], &b"garbage"[..]].concat(),
    ] {
        let (code, stdout, stderr) = import(&["apache"], damaged);
        assert_eq!(code, 0, "{stderr}");
        assert!(stdout.lines().count() > 5_000, "{}", stdout.lines().count());
        assert!(
            stderr.contains("the compressed file is cut off or damaged behind it"),
            "{stderr}"
        );
    }
}

#[test]
fn dates_epochs_and_decimal_commas_of_a_csv_are_read() {
    for times in [
        "11/22/2026 07:20:43,11/22/2026 07:20:44",
        "11/22/2026 1:20:43 PM,11/22/2026 1:20:44 PM",
        "22.11.2026 07:20:43,22.11.2026 07:20:44",
        "1795332043000000,1795332044000000",
        "1795332043000000000,1795332044000000000",
    ] {
        let rows = times.replace(',', ";15\n");
        let found = trace(&["csv"], format!("time;elapsed_ms\n{rows};16\n"));
        assert_eq!(found, "0.0,,0.015,true\n1.0,,0.016,true\n", "{times}");
    }
    let found = trace(&["csv"], "time;duration_s\n0,5;0,25\n1,5;0,75\n");
    assert_eq!(found, "0.0,,0.25,true\n1.0,,0.75,true\n");
}

#[test]
fn a_har_tells_the_servers_time_apart_from_what_came_before() {
    let entry = |timings: &str| {
        format!(
            "{{\"log\": {{\"entries\": [{{\"startedDateTime\": \"2026-11-22T07:20:43Z\", \
             \"time\": 500, {timings} \"request\": {{\"url\": \"https://h/\"}}}}]}}}}"
        )
    };
    let parts = "\"timings\": {\"blocked\": 300, \"connect\": 150, \"send\": 1, \"wait\": 40.5, \
                 \"receive\": 8.5},";
    assert_eq!(trace(&["har"], entry(parts)), "0.0,,0.05,true\n");
    let unknown = "\"timings\": {\"send\": -1, \"wait\": -1, \"receive\": -1},";
    assert_eq!(trace(&["har"], entry(unknown)), "0.0,,0.5,true\n");
    assert_eq!(trace(&["har"], entry("")), "0.0,,0.5,true\n");
}

#[test]
fn every_kind_of_file_is_named_to_every_reader_of_another() {
    let iis = "#Software: Microsoft Internet Information Services 10.0\n#Fields: date time\n";
    let perfmon = "\"(PDH-CSV 4.0)\",\"\\\\H\\TCPv4\\Connections Established\"\n\"1\",\"2\"\n";
    let ss = "2026-11-22 07:20:00\nState Recv-Q Send-Q Local Address:Port Peer Address:Port\n";
    let windows = "2026-11-22 07:20:00\n\nActive Connections\n\n  Proto  Local Address\n";
    let power_shell = "#TYPE X\n\"State\",\"LocalAddress\",\"LocalPort\"\n";
    let scenario = "# why\ntitle = \"t\"\nduration = \"1min\"\n[machine]\nports = 1\n";
    let curve = "time_s,ports_in_use\n0,1\n";
    let csv = "when,path,ms\n1,/a,5\n";
    let kinds: [(&str, &str, &[&str]); 10] = [
        (iis, "`spsim import iis`", &["iis"]),
        (
            APACHE,
            "`spsim import apache` or `nginx`",
            &["apache", "nginx"],
        ),
        (HAR, "`spsim import har`", &["har"]),
        (perfmon, "a Perfmon CSV", &["diagnose", "calibrate"]),
        (
            ss,
            "a snapshot of `ss` or `netstat`",
            &["diagnose", "calibrate"],
        ),
        (
            windows,
            "a snapshot of `ss` or `netstat`",
            &["diagnose", "calibrate"],
        ),
        (
            power_shell,
            "a CSV of `Get-NetTCPConnection`",
            &["diagnose", "calibrate"],
        ),
        (scenario, "`spsim run`", &[]),
        (curve, "`spsim calibrate`", &["calibrate", "csv"]),
        (csv, "`spsim import csv`", &["csv"]),
    ];
    for reader in [
        "iis",
        "apache",
        "nginx",
        "har",
        "csv",
        "diagnose",
        "calibrate",
    ] {
        for (text, name, readers) in &kinds {
            if readers.contains(&reader) {
                continue;
            }
            let args: &[&str] = match reader {
                "diagnose" => &["diagnose", "-"],
                "calibrate" => &["calibrate", "kb2551125", "-"],
                format => &["import", format, "-"],
            };
            let mut command = Command::new(env!("CARGO_BIN_EXE_spsim"));
            let output = command.args(args).write_stdin(*text).output();
            let output = output.expect("it starts");
            let stderr = String::from_utf8(output.stderr).expect("UTF-8");
            assert_eq!(output.status.code(), Some(3), "{reader}: {stderr}");
            assert!(stderr.contains(name), "{reader} of {text}:\n{stderr}");
        }
    }
}

#[test]
fn summaries_of_load_tests_are_told_what_to_bring() {
    for (summary, flags) in [
        (
            "This is ApacheBench, Version 2.3\nServer Software: nginx\n",
            "csv",
        ),
        (
            "Running 30s test @ http://h/\n  2 threads and 10 connections\n",
            "csv",
        ),
    ] {
        let said = refused(&[flags], summary);
        assert!(said.contains("`ab -g FILE`, or `hey -o csv`"), "{said}");
    }
    let said = refused(&["apache"], "{\"ts\":1}\n");
    assert!(said.contains("use `spsim import json-lines`"), "{said}");
}

#[test]
fn the_day_or_the_month_comes_first_as_all_dates_of_a_csv_tell() {
    let csv = |rows: &[&str]| format!("time;duration_ms\n{}\n", rows.join("\n"));
    // Midnight in Britain; the end of a month; the same in the United States.
    for rows in [
        ["09/11/2026 23:59:59;5", "10/11/2026 00:00:01;5"],
        ["31/10/2026 23:59:59;5", "01/11/2026 00:00:01;5"],
        ["10/31/2026 11:59:59 PM;5", "11/01/2026 12:00:01 AM;5"],
    ] {
        let found = trace(&["csv"], csv(&rows));
        assert_eq!(found, "0.0,,0.005,true\n2.0,,0.005,true\n", "{rows:?}");
    }
    let told = csv(&["09/11/2026 23:59:59;5", "10/11/2026 00:00:01;5"]);
    check_told(&["csv"], told, &["dates are read with the day first"]);
    let mixed = csv(&["31/10/2026 23:59:59;5", "10/31/2026 00:00:01;5"]);
    let said = refused(&["csv"], mixed);
    assert!(said.contains("some dates have the day first"), "{said}");
}

#[test]
fn a_program_may_log_for_long_before_its_first_request() {
    let other = "{\"@t\":\"2026-11-22T07:20:40Z\",\"@mt\":\"Starting\"}\n".repeat(100);
    let request = "{\"@t\":\"2026-11-22T07:20:43Z\",\"Elapsed\":250.0}\n";
    let log = other.clone() + request;
    assert_eq!(trace(&["json-lines"], log.clone()), "0.0,,0.25,true\n");
    check_told(&["json-lines"], log, &["100 lines are of something else"]);
    let said = refused(&["json-lines"], other);
    assert!(
        said.contains("--fields") && said.contains("`@mt`"),
        "{said}"
    );
    // The formatter before the compact one, and Caddy before 2.5.
    let serilog = "{\"Timestamp\":\"2026-11-22T07:20:43Z\",\"Properties\":{\"Elapsed\":250.0}}\n";
    assert_eq!(trace(&["json-lines"], serilog), "0.0,,0.25,true\n");
    let caddy = "{\"ts\":1795332043.5,\"request\":{\"remote_addr\":\"h:5\"},\"duration\":0.25}\n";
    assert_eq!(trace(&["json-lines"], caddy), "0.0,h,0.25,true\n");
}

#[test]
fn the_group_of_a_json_line_may_be_any_name() {
    let log = |group: &str| format!("{{\"t\":\"2026-11-22T07:20:43Z\",\"who\":{group}}}\n");
    let fields = ["json-lines", "--fields", "time=t,group=who"];
    for (written, name) in [
        ("\"j\\u00fcrgen\"", "jürgen"),
        ("\"a\\\\b\"", "a\\b"),
        ("7", "7"),
        ("null", ""),
    ] {
        assert_eq!(trace(&fields, log(written)), format!("0.0,{name},,true\n"));
    }
    let without = "{\"t\":\"2026-11-22T07:20:43Z\"}\n";
    check_told(&fields, without, &["1 requests have no `who`"]);
}

#[test]
fn apache_may_write_its_time_in_pieces() {
    for (format, time) in [
        ("%{%Y-%m-%d %H:%M:%S}t", "2026-11-30 23:59:59"),
        (
            "[%{%d/%b/%Y:%T}t.%{msec_frac}t %{%z}t]",
            "[01/Dec/2026:01:59:59.000 +0200]",
        ),
        ("%{%a %F}t %{begin:%H:%M:%S}t", "Mon 2026-11-30 23:59:59"),
    ] {
        let format = format!("%h {format} %m %U %>s %{{ms}}Tms");
        let line = format!("10.0.0.1 {time} GET /a 200 250ms\n");
        let args = ["apache", "--log-format", &format];
        assert_eq!(trace(&args, line.clone()), "0.0,10.0.0.1,0.25,true\n");
        check_told(&args, line, &["first      2026-11-30T23:59:59Z"]);
    }
    for format in ["%h %{%H:%M}t", "%h %{%Y%m%d}t", "%h %{%j}t", "%h %{x}t"] {
        let code = import(&["apache", "--log-format", format], "").0;
        assert_eq!(code, 2, "{format}");
    }
}

#[test]
fn nginx_writes_lists_for_several_upstream_servers() {
    let line = "10.0.0.1 - - [22/Nov/2026:07:20:43 +0000] \"GET / HTTP/1.1\" 200 612 \"-\" \"c\" \
                345 0.250 [web-80] [] 10.1.0.1:80, 10.1.0.2:80 0, 612 0.000, 0.250 502, 200 8f2e\n";
    assert_eq!(trace(&["nginx"], line), "0.0,10.0.0.1,0.25,true\n");
    check_told(&["nginx"], line, &["read as ingress-nginx"]);
}

#[test]
fn a_connection_without_a_request_is_none() {
    // What syslog writes in front is no user's name.
    let syslog = "Oct 31 23:59:40 web01 httpd: 10.0.0.1 - - [22/Nov/2026:07:20:43 +0000] \
                  \"GET / HTTP/1.1\" 200 5 \"-\" \"c\"\n";
    assert!(refused(&["apache"], syslog).contains("--log-format"));
    let apache =
        APACHE.to_owned() + "10.0.0.9 - - [22/Nov/2026:07:20:54 +0000] \"-\" 408 - \"-\" \"-\" 5\n";
    assert_eq!(trace(&["apache"], apache.clone()).lines().count(), 3);
    check_told(&["apache"], apache, &["1 lines tell of a connection"]);
    let tcp = "2026-11-28T12:00:01Z lb 10.0.0.1:2817 192.0.2.1:80 0.001 0.000028 0.000041 - - 82 \
               305 \"- - - \" \"-\" - -\n";
    let said = refused(&["elb"], tcp);
    assert!(said.contains("1 lines tell of a connection"), "{said}");
}

#[test]
fn midnight_passes_where_only_a_directive_tells_the_day() {
    let log = "#Date: 2026-10-31 23:59:58\n#Fields: time c-ip time-taken\n\
               23:59:59 h 0\n23:59:58 h 0\n00:00:01 h 0\n00:00:02 h 0\n";
    assert_eq!(
        trace(&["iis"], log),
        "0.0,h,0.0,true\n1.0,h,0.0,true\n3.0,h,0.0,true\n4.0,h,0.0,true\n"
    );
    let idle = "#Fields: date time c-ip cs-method cs-uri s-reason\n\
                2026-11-28 12:00:01 203.0.113.1 - - Timer_ConnectionIdle\n";
    let said = refused(&["iis"], idle);
    assert!(
        said.contains("1 lines tell of a connection that ended"),
        "{said}"
    );
}

#[test]
fn rows_that_sum_up_others_are_no_requests() {
    let jtl = "timeStamp,elapsed,label,responseMessage\n1795867200000,120,a,OK\n\
               1795867200000,150,all,\"Number of samples in transaction : 1, failing : 0\"\n";
    assert_eq!(trace(&["jmeter"], jtl), "0.0,,0.12,true\n");
    check_told(&["jmeter"], jtl, &["1 rows sum up others"]);
}

#[test]
fn a_har_leaves_out_tunnels_caches_and_what_a_test_answered() {
    let entry = |method: &str, more: &str| {
        format!(
            r#"{{"startedDateTime":"2026-11-22T07:20:43Z","request":{{"method":"{method}","url":"https://h/a"}},{more}}}"#
        )
    };
    let zero = r#""timings":{"send":0,"wait":0,"receive":0}"#;
    let sent = r#""time":250,"timings":{"send":0,"wait":250,"receive":0}"#;
    let entries = [
        entry("GET", &format!(r#"{sent},"response":{{"status":200}}"#)),
        entry("CONNECT", &format!(r#"{sent},"response":{{"status":200}}"#)),
        entry(
            "GET",
            &format!(r#""time":0,{zero},"response":{{"status":200}}"#),
        ),
        entry("GET", r#""time":-1,"response":{"status":-1}"#),
        entry(
            "GET",
            &format!(r#"{sent},"_wasFulfilled":true,"response":{{"status":200}}"#),
        ),
        entry(
            "GET",
            &format!(r#"{sent},"response":{{"status":200,"_fetchedViaServiceWorker":true}}"#),
        ),
    ];
    let har = format!(
        r#"{{"log":{{"version":"1.2","entries":[{}]}}}}"#,
        entries.join(",")
    );
    assert_eq!(trace(&["har"], har.clone()), "0.0,,0.25,true\n");
    let told = [
        "1 `CONNECT`",
        "1 answered by a service worker",
        "1 answered by the test",
        "1 answered from the cache",
        "1 blocked",
    ];
    check_told(&["har"], har, &told);
}

#[test]
fn an_own_trace_is_imported_with_the_names_that_it_holds() {
    let own = "time_s,group,duration_s,keep_alive\n0.0,'=cmd,0.1,true\n0.5,it's,0.1,true\n";
    assert_eq!(
        trace(&["csv"], own),
        own.split_once('\n').expect("a header").1
    );
}

#[test]
fn what_holds_no_request_is_named_with_the_way() {
    let kinds = [
        (
            "csv",
            "Running 9s test @ http://h/\n  1 thread and 1 connection\n",
            "summary of a load",
        ),
        (
            "k6",
            "http_req_duration...: avg=1ms p(95)=2ms\n",
            "k6 run --out csv",
        ),
        (
            "jmeter",
            "<?xml version=\"1.0\"?>\n<testResults version=\"1.2\">\n",
            "output_format=csv",
        ),
        (
            "locust",
            "Timestamp,User Count,Requests/s\n",
            "history of statistics",
        ),
        (
            "locust",
            "Method,Name,Error,Occurrences\n",
            "table of failures",
        ),
        (
            "csv",
            "\"No.\",\"Time\",\"Source\",\"Destination\"\n\"1\",\"0\",\"a\",\"b\"\n",
            "packets",
        ),
        (
            "apache",
            "07:20:43.1 IP 10.0.0.1.5 > 10.0.0.2.443: Flags [S], seq 1\n",
            "packets",
        ),
        (
            "apache",
            "[Sun Nov 22 07:20:43 2026] [core:error] [pid 5] no\n",
            "error log",
        ),
        (
            "alb",
            "tls 2.0 2026-11-22T07:20:43 net/my-lb/c6 g3 10.0.0.1:5\n",
            "TLS connections",
        ),
        (
            "alb",
            "2026-11-28T12:00:01Z lb 10.0.0.1:2817 192.0.2.1:80 0.001 0.1 0.0 200 200 0 29 \
             \"GET http://h:80/ HTTP/1.1\" \"c\" - -\n",
            "`spsim import elb`",
        ),
    ];
    for (format, text, way) in kinds {
        let said = refused(&[format], text);
        assert!(said.contains(way), "{format} of {text}:\n{said}");
    }
}
