//! The manifest of Kubernetes: scenario and files, volume, and the Indexed Job.

use super::emit::{Job, label};
use serde_json::{Value, json};

impl Job<'_> {
    pub(super) fn kubernetes(&self) -> String {
        let (points, parts) = (self.points, self.parts);
        let manifests = self.manifests();
        // JSON is YAML, and so is a stream of documents with remarks above it.
        let documents: Vec<String> = manifests.iter().map(|it| format!("{it:#}\n")).collect();
        let elsewhere = self.files.elsewhere().iter();
        let elsewhere: Vec<String> = elsewhere
            .map(|path| format!("# Not in here, to be mounted at the same path: {path:?}\n"))
            .collect();
        let elsewhere = elsewhere.concat();
        format!(
            "# {points} points in {parts} parts. Save this as job.yaml:\n\
             # kubectl apply --server-side -f job.yaml\n\
             # A container that is restarted goes on where it was.\n\
             # When the job is complete, on the volume: spsim sweep --merge /results\n\
             {elsewhere}{}",
            documents.join("---\n")
        )
    }

    /// The scenario, the volume for the parts, and the Indexed Job.
    fn manifests(&self) -> Vec<Value> {
        let name = label(self.name);
        let image = self.args.image.clone();
        let image = image.unwrap_or_else(|| format!("spsim:{}", env!("CARGO_PKG_VERSION")));
        let file = format!("{}.toml", self.name);
        let path = format!("/scenario/{file}");
        let shard = format!("auto/{}", self.parts);
        let metadata = json!({ "name": name, "labels": { "app": "spsim" } });
        let mut config = json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": metadata,
            "data": { "scenario": self.text },
        });
        if let Some(data) = self.files.binary_data() {
            config["binaryData"] = data;
        }
        let claim = json!({
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": metadata,
            "spec": {
                "accessModes": ["ReadWriteMany"],
                "resources": { "requests": { "storage": "1Gi" } },
            },
        });
        let container = json!({
            "name": "spsim",
            "image": image,
            "command": ["spsim"],
            "args": self.arguments(&path, &shard, "/results"),
            "resources": { "requests": { "cpu": "1", "memory": "256Mi" } },
            "volumeMounts": [
                { "name": "scenario", "mountPath": "/scenario", "readOnly": true },
                { "name": "results", "mountPath": "/results" },
            ],
        });
        let mut items = vec![json!({ "key": "scenario", "path": file })];
        items.extend(self.files.items());
        let job = json!({
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": metadata,
            "spec": {
                "completionMode": "Indexed",
                "completions": self.parts,
                "parallelism": self.parts,
                "backoffLimit": self.parts.saturating_mul(3),
                "template": {
                    "metadata": { "labels": { "app": "spsim" } },
                    "spec": {
                        "restartPolicy": "OnFailure",
                        "containers": [container],
                        "volumes": [
                            { "name": "scenario", "configMap": { "name": name, "items": items } },
                            { "name": "results",
                              "persistentVolumeClaim": { "claimName": name } },
                        ],
                    },
                },
            },
        });
        vec![config, claim, job]
    }
}

#[cfg(test)]
mod tests {
    use super::super::emit::tests::{LINE, with_job};
    use super::*;

    const JOB_SPEC: [&str; 5] = [
        "backoffLimit",
        "completionMode",
        "completions",
        "parallelism",
        "template",
    ];

    const CONTAINER: [&str; 6] = [
        "args",
        "command",
        "image",
        "name",
        "resources",
        "volumeMounts",
    ];

    /// The fields of batch/v1 Job, core/v1 `PodSpec` and `Container` that an Indexed Job must
    /// have, with their types, from the API reference.
    #[test]
    #[allow(
        clippy::redundant_closure_for_method_calls,
        reason = "the method itself is not general enough in its lifetime"
    )]
    fn the_kubernetes_job_has_the_fields_of_its_schema() {
        let [config, claim, job] = with_job(&LINE, |it| it.manifests())
            .try_into()
            .expect("three documents");
        for (document, version, kind) in [
            (&config, "v1", "ConfigMap"),
            (&claim, "v1", "PersistentVolumeClaim"),
            (&job, "batch/v1", "Job"),
        ] {
            assert_eq!(document["apiVersion"], version);
            assert_eq!(document["kind"], kind);
            assert_eq!(document["metadata"]["name"], "spsim-my-leak-1");
        }
        let keys = |value: &Value| -> Vec<String> {
            let map = value.as_object().expect("a map");
            map.keys().cloned().collect()
        };
        let spec = &job["spec"];
        assert_eq!(keys(spec), JOB_SPEC);
        assert_eq!(spec["completionMode"], "Indexed");
        assert!(spec["completions"] == 4 && spec["parallelism"] == 4);
        let pod = &spec["template"]["spec"];
        assert_eq!(keys(pod), ["containers", "restartPolicy", "volumes"]);
        // A Job's pods may not be restarted always.
        assert_eq!(pod["restartPolicy"], "OnFailure");
        let container = &pod["containers"][0];
        assert_eq!(keys(container), CONTAINER);
        let texts = container["args"].as_array().expect("a list");
        assert!(texts.iter().all(Value::is_string));
        assert!(texts.contains(&json!("auto/4")));
        let mounted = container["volumeMounts"].as_array().expect("a list");
        let volumes = pod["volumes"].as_array().expect("a list");
        for mount in mounted {
            assert!(volumes.iter().any(|volume| volume["name"] == mount["name"]));
        }
        assert_eq!(
            volumes[1]["persistentVolumeClaim"]["claimName"],
            claim["metadata"]["name"]
        );
        assert_eq!(claim["spec"]["accessModes"], json!(["ReadWriteMany"]));
        assert_eq!(
            config["data"]["scenario"],
            "duration = \"1s\"\n# it's: {a} #\n"
        );
    }
}
