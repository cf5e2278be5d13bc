// Swagger UI on the description that this server gives of itself. Nothing is asked of anybody else.
window.SwaggerUIBundle({ url: "/hsds/openapi.json", dom_id: "#explorer", deepLinking: true, tryItOutEnabled: true, validatorUrl: null });
